package io.agentflow.domain.planning;

import static io.agentflow.domain.planning.StepDraft.agent;
import static io.agentflow.domain.planning.StepDraft.approval;
import static io.agentflow.domain.planning.StepDraft.plan;
import static io.agentflow.domain.planning.StepDraft.tool;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Checks;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.PlanFacts.AgentFacts;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanCheckTest {

  private static final String WRITER = "018f4e6a-0000-7000-8000-0000000000a1";
  private static final String CALLER = "018f4e6a-0000-7000-8000-0000000000a2";
  private static final long DAY = 24 * 60 * 60 * 1_000L;

  private static final PlanFacts AGENTS =
      new PlanFacts(
          Map.of(
              WRITER, new AgentFacts(List.of("writing"), List.of("echo")),
              CALLER, new AgentFacts(List.of("calling"), List.of("http"))),
          null);

  private static void admits(StepDraft... drafts) {
    assertThat(PlanCheck.faults(plan(drafts), PlanFacts.NONE)).isEmpty();
  }

  private static void finds(StepDraft draft, String at, String fault) {
    assertThat(PlanCheck.faults(plan(draft), PlanFacts.NONE))
        .containsExactly(new PlanFault(at, fault));
  }

  private static void finds(PlanFacts facts, StepDraft draft, String at, String fault) {
    assertThat(PlanCheck.faults(plan(draft), facts)).containsExactly(new PlanFault(at, fault));
  }

  private static PlanFacts remaining(long tokens, long microDollars) {
    return new PlanFacts(Map.of(), new Spend(tokens, microDollars));
  }

  private static ApprovalRule rule(int required, List<String> people, List<String> roles) {
    return new ApprovalRule(required, people, roles, DAY, 0);
  }

  @Test
  void a_plan_of_all_kinds_is_admitted() {
    admits(
        agent("draft").calls("echo").by(WRITER).input("{}").estimate(1, 2).timeout(30 * DAY),
        tool("send")
            .needs("draft", "sleep")
            .capability("calling")
            .retry(new RetryPolicy(100, DAY, 1_000, DAY, 100))
            .undoneBy(new Compensation("echo", "back")),
        approval("agree")
            .needs("send")
            .input("look at the draft")
            .onFailure(OnFailure.COMPENSATE)
            .askedBy(new ApprovalRule(2, List.of("ann", "bob"), List.of(), 90 * DAY, DAY)),
        StepDraft.wait("sleep").waits(366 * DAY),
        StepDraft.wait("answer").waits(0).signal("answered").needs("agree"));
  }

  @Test
  void a_plan_has_one_step_or_more_but_not_too_many() {
    assertThat(PlanCheck.faults(plan(), PlanFacts.NONE))
        .containsExactly(new PlanFault("steps", "must be at least one"));
    List<StepDraft> many = IntStream.range(0, 1_001).mapToObj(i -> tool("s" + i)).toList();
    assertThat(PlanCheck.faults(plan(many), PlanFacts.NONE))
        .containsExactly(new PlanFault("steps", "must be at most 1000, not 1001"));
    assertThat(PlanCheck.faults(plan(many.subList(0, 1_000)), PlanFacts.NONE)).isEmpty();
  }

  @Test
  void a_step_has_an_id_of_its_own() {
    admits(tool("A-b_c.d:9"), tool("x".repeat(64)));
    finds(tool(""), "steps[0].id", "must be 1 to 128 of A-Z, a-z, 0-9 and ._:-");
    finds(tool("a b"), "steps[0].id", "must be 1 to 128 of A-Z, a-z, 0-9 and ._:-");
    finds(tool("x".repeat(65)), "steps[0].id", "must be at most 64 characters, not 65");
    assertThat(PlanCheck.faults(plan(tool("a"), tool("b"), tool("a")), PlanFacts.NONE))
        .containsExactly(new PlanFault("steps[2].id", "is that of another step too: a"));
  }

  @Test
  void texts_can_be_stored() {
    finds(tool("a").named(" "), "steps[0].name", "must not be blank");
    finds(
        tool("a").named("x".repeat(201)),
        "steps[0].name",
        "must be at most 200 characters, not 201");
    finds(tool("a").input("a\0"), "steps[0].input", "must not contain the character U+0000 (at 1)");
    finds(
        tool("a").input("\ud800"),
        "steps[0].input",
        "must not contain half of a surrogate pair (at 0)");
    finds(tool("a").calls(""), "steps[0].tool", "must not be blank");
    finds(agent("a").capability(" "), "steps[0].capability", "must not be blank");
    finds(StepDraft.wait("a").signal(""), "steps[0].signal", "must not be blank");
    finds(
        tool("a").undoneBy(new Compensation("", "")),
        "steps[0].compensation.tool",
        "must not be blank");
    finds(
        tool("a").undoneBy(new Compensation("echo", "\0")),
        "steps[0].compensation.input",
        "must not contain the character U+0000 (at 0)");
    finds(
        agent("a").by("ann"),
        "steps[0].agentId",
        "must be a UUID in lower case, like 018f4e6a-0000-7000-8000-000000000001");
  }

  @Test
  void needs_are_other_steps_each_named_once() {
    assertThat(
            PlanCheck.faults(
                plan(
                    tool("a").needs("a"),
                    tool("b").needs("c", "b2"),
                    tool("c").needs("d", "d"),
                    tool("d")),
                PlanFacts.NONE))
        .containsExactly(
            new PlanFault("steps[0].needs", "must not name the step itself: a"),
            new PlanFault("steps[1].needs", "must be steps of the plan, which b2 is not"),
            new PlanFault("steps[2].needs", "must name each step once, not d again"));
  }

  @Test
  void each_cycle_is_told_once_in_order_at_the_first_of_its_steps() {
    assertThat(
            PlanCheck.faults(
                plan(
                    tool("a"),
                    tool("b").needs("a", "d"),
                    tool("c").needs("b"),
                    tool("d").needs("c", "e"),
                    tool("e").needs("d")),
                PlanFacts.NONE))
        .containsExactly(
            new PlanFault("steps[1].needs", "must not go in a circle: b needs d needs c needs b"),
            new PlanFault("steps[3].needs", "must not go in a circle: d needs e needs d"));
  }

  @Test
  void steps_behind_a_cycle_or_an_unknown_need_can_never_become_ready() {
    assertThat(
            PlanCheck.faults(
                plan(
                    tool("last").needs("fine", "next"),
                    tool("next").needs("wrong"),
                    tool("wrong").needs("nowhere"),
                    tool("fine")),
                PlanFacts.NONE))
        .containsExactly(
            new PlanFault("steps[0].needs", "can never all be done: next cannot"),
            new PlanFault("steps[1].needs", "can never all be done: wrong cannot"),
            new PlanFault("steps[2].needs", "must be steps of the plan, which nowhere is not"));
    assertThat(
            PlanCheck.faults(
                plan(tool("a").needs("b"), tool("b").needs("a"), tool("c").needs("b")),
                PlanFacts.NONE))
        .containsExactly(
            new PlanFault("steps[0].needs", "must not go in a circle: a needs b needs a"),
            new PlanFault("steps[2].needs", "can never all be done: b cannot"));
  }

  @Test
  void a_tangle_and_a_long_chain_are_judged_without_end_nor_overflow() {
    List<String> all = IntStream.range(0, 300).mapToObj(i -> "s" + i).toList();
    List<PlanFault> faults =
        PlanCheck.faults(
            plan(all.stream().map(id -> tool(id).needs(all)).toList()), PlanFacts.NONE);
    assertThat(faults).filteredOn(fault -> fault.fault().contains("circle")).hasSize(20);

    List<StepDraft> chain =
        IntStream.range(0, 100_000).mapToObj(i -> tool("s" + i).needs("s" + (i + 1))).toList();
    assertThat(PlanCheck.faults(plan(chain), PlanFacts.NONE)).hasSize(100_001);
  }

  @Test
  void each_kind_has_what_it_needs() {
    admits(agent("a").capability(null).by(WRITER));
    finds(
        agent("a").capability(null).calls("echo"),
        "steps[0].capability",
        "or an agentId is needed by a step of kind agent");
    finds(tool("a").calls(null), "steps[0].tool", "is needed by a step of kind tool");
    finds(approval("a").askedBy(null), "steps[0].approval", "is needed by a step of kind approval");
    finds(
        StepDraft.wait("a").waits(0),
        "steps[0].waitMillis",
        "or a signal is needed by a step of kind wait");
  }

  @Test
  void a_step_has_nothing_that_belongs_to_another_kind() {
    StepDraft everything =
        tool("a")
            .capability("writing")
            .by(WRITER)
            .input("x")
            .estimate(0, 1)
            .timeout(1)
            .retry(new RetryPolicy(2, 0, 100, 0, 0))
            .undoneBy(new Compensation("echo", ""))
            .askedBy(ApprovalRule.ANYONE)
            .waits(1)
            .signal("go");
    assertThat(foreign(everything.kind(StepKind.WAIT), "wait"))
        .containsExactly(
            ".capability",
            ".tool",
            ".agentId",
            ".estimate",
            ".timeoutMillis",
            ".retry",
            ".compensation",
            ".input");
    assertThat(foreign(everything.kind(StepKind.APPROVAL), "approval"))
        .containsExactly(
            ".capability",
            ".tool",
            ".agentId",
            ".estimate",
            ".timeoutMillis",
            ".retry",
            ".compensation",
            ".waitMillis",
            ".signal");
    assertThat(foreign(everything.kind(StepKind.TOOL), "tool"))
        .containsExactly(".waitMillis", ".signal");
    assertThat(foreign(everything.kind(StepKind.AGENT), "agent"))
        .containsExactly(".waitMillis", ".signal");
  }

  private static List<String> foreign(StepDraft draft, String kind) {
    List<PlanFault> faults = PlanCheck.faults(plan(draft), PlanFacts.NONE);
    assertThat(faults)
        .allMatch(fault -> fault.fault().equals("does not belong to a step of kind " + kind));
    return faults.stream().map(fault -> fault.at().substring("steps[0]".length())).toList();
  }

  @Test
  void somebody_in_service_can_do_the_step() {
    assertThat(PlanCheck.faults(plan(agent("a"), tool("b"), agent("c").by(WRITER)), AGENTS))
        .isEmpty();
    finds(
        AGENTS,
        agent("a").capability("singing"),
        "steps[0].capability",
        "is one that no agent has: singing");
    finds(
        AGENTS,
        tool("a").calls("command"),
        "steps[0].tool",
        "is one that no agent may use: command");
    finds(
        AGENTS,
        agent("a").calls("http"),
        "steps[0].tool",
        "is one that no agent with capability writing may use: http");
    finds(
        AGENTS,
        tool("a").undoneBy(new Compensation("command", "")),
        "steps[0].compensation.tool",
        "is one that no agent may use: command");
  }

  @Test
  void the_agent_that_is_named_can_do_the_step() {
    String nobody = "018f4e6a-0000-7000-8000-0000000000ff";
    finds(
        AGENTS,
        agent("a").by(nobody),
        "steps[0].agentId",
        "is that of no agent in service: " + nobody);
    finds(
        AGENTS,
        agent("a").by(CALLER),
        "steps[0].capability",
        "is one that agent " + CALLER + " does not have: writing");
    finds(
        AGENTS,
        tool("a").by(CALLER),
        "steps[0].tool",
        "is one that agent " + CALLER + " may not use: echo");
  }

  @Test
  void retries_stay_within_their_limits() {
    finds(
        tool("a").retry(new RetryPolicy(0, 0, 100, 0, 0)),
        "steps[0].retry.attempts",
        "must be 1 to 100, not 0");
    finds(
        tool("a").retry(new RetryPolicy(101, 0, 100, 0, 0)),
        "steps[0].retry.attempts",
        "must be 1 to 100, not 101");
    finds(
        tool("a").retry(new RetryPolicy(2, -1, 100, 0, 0)),
        "steps[0].retry.backoffMillis",
        "must be 0 to 86400000, not -1");
    finds(
        tool("a").retry(new RetryPolicy(2, 0, 99, 0, 0)),
        "steps[0].retry.factorPercent",
        "must be 100 to 1000, not 99");
    finds(
        tool("a").retry(new RetryPolicy(2, 0, 1_001, 0, 0)),
        "steps[0].retry.factorPercent",
        "must be 100 to 1000, not 1001");
    finds(
        tool("a").retry(new RetryPolicy(2, 0, 100, DAY + 1, 0)),
        "steps[0].retry.backoffMillisMax",
        "must be 0 to 86400000, not 86400001");
    finds(
        tool("a").retry(new RetryPolicy(2, 0, 100, 0, -1)),
        "steps[0].retry.jitterPercent",
        "must be 0 to 100, not -1");
    finds(
        tool("a").retry(new RetryPolicy(2, 0, 100, 0, 101)),
        "steps[0].retry.jitterPercent",
        "must be 0 to 100, not 101");
    finds(
        tool("a").retry(new RetryPolicy(2, 20, 100, 10, 0)),
        "steps[0].retry.backoffMillis",
        "must not be above backoffMillisMax: 20 is above 10");
  }

  @Test
  void times_stay_within_their_limits() {
    finds(tool("a").timeout(-1), "steps[0].timeoutMillis", "must be 0 to 2592000000, not -1");
    finds(
        tool("a").timeout(30 * DAY + 1),
        "steps[0].timeoutMillis",
        "must be 0 to 2592000000, not 2592000001");
    finds(StepDraft.wait("a").waits(-1), "steps[0].waitMillis", "must be 0 to 31622400000, not -1");
    finds(
        StepDraft.wait("a").waits(366 * DAY + 1),
        "steps[0].waitMillis",
        "must be 0 to 31622400000, not 31622400001");
  }

  @Test
  void an_approval_can_be_given_in_time() {
    admits(
        approval("a").askedBy(rule(3, List.of(), List.of("lead"))),
        approval("b").askedBy(rule(3, List.of("ann"), List.of("lead"))),
        approval("c").askedBy(rule(2, List.of(), List.of())));
    finds(
        approval("a").askedBy(rule(0, List.of(), List.of())),
        "steps[0].approval.required",
        "must be 1 to 100, not 0");
    finds(
        approval("a").askedBy(rule(101, List.of(), List.of())),
        "steps[0].approval.required",
        "must be 1 to 100, not 101");
    finds(
        approval("a").askedBy(rule(2, List.of("ann"), List.of())),
        "steps[0].approval.required",
        "must not be more than the people named: 2 of 1");
    finds(
        approval("a").askedBy(rule(1, List.of("ann", "ann"), List.of())),
        "steps[0].approval.people[1]",
        "is named before: ann");
    finds(
        approval("a").askedBy(rule(1, List.of(), List.of(" "))),
        "steps[0].approval.roles[0]",
        "must not be blank");
    finds(
        approval("a")
            .askedBy(rule(1, List.of(), IntStream.range(0, 101).mapToObj(i -> "r" + i).toList())),
        "steps[0].approval.roles",
        "must be at most 100, not 101");
    finds(
        approval("a").askedBy(new ApprovalRule(1, List.of(), List.of(), 999, 0)),
        "steps[0].approval.expiresMillis",
        "must be 1000 to 7776000000, not 999");
    finds(
        approval("a").askedBy(new ApprovalRule(1, List.of(), List.of(), 90 * DAY + 1, 0)),
        "steps[0].approval.expiresMillis",
        "must be 1000 to 7776000000, not 7776000001");
    finds(
        approval("a").askedBy(new ApprovalRule(1, List.of(), List.of(), DAY, DAY)),
        "steps[0].approval.remindMillis",
        "must be before the approval expires: 0 to 86399999, not 86400000");
  }

  @Test
  void estimates_are_counts_that_json_carries_alone_and_together() {
    long max = Checks.EXACT_INTEGER_MAX;
    admits(tool("a").estimate(max, max));
    finds(
        tool("a").estimate(-1, 0),
        "steps[0].estimate.tokens",
        "must be 0 to 9007199254740991, not -1");
    finds(
        tool("a").estimate(0, max + 1),
        "steps[0].estimate.microDollars",
        "must be 0 to 9007199254740991, not 9007199254740992");
    assertThat(
            PlanCheck.faults(
                plan(tool("a").estimate(max, 0), tool("b").estimate(1, 0)), PlanFacts.NONE))
        .containsExactly(
            new PlanFault("steps", "must not be estimated at more than 9007199254740991 in all"));
  }

  @Test
  void the_estimates_together_fit_what_the_budget_has_left() {
    Plan plan = plan(tool("a").estimate(600, 5), tool("b").estimate(500, 5));
    assertThat(PlanCheck.faults(plan, remaining(1_100, 10))).isEmpty();
    PlanFault tooMuch =
        new PlanFault(
            "steps",
            "are estimated at 1100 tokens and 10 micro-dollars in all; the budget has 1000 tokens and 10 micro-dollars left");
    assertThat(PlanCheck.faults(plan, remaining(1_000, 10))).containsExactly(tooMuch);
    assertThat(PlanCheck.faults(plan, remaining(2_000, 9))).hasSize(1);
  }

  @Test
  void a_plan_that_undoes_has_something_to_undo() {
    finds(
        tool("a").onFailure(OnFailure.COMPENSATE),
        "steps[0].onFailure",
        "is compensate, but no step of the plan has a compensation");
    admits(
        tool("a").onFailure(OnFailure.COMPENSATE),
        tool("b").undoneBy(new Compensation("echo", "")));
  }

  @Test
  void all_faults_are_told_at_once_in_the_order_of_the_plan() {
    assertThat(
            PlanCheck.faults(
                plan(
                    tool("a").named("").needs("x").estimate(2_000, 0),
                    tool("b").calls(null).needs("a")),
                remaining(1, 1)))
        .extracting(PlanFault::at)
        .containsExactly(
            "steps", "steps[0].needs", "steps[0].name", "steps[1].needs", "steps[1].tool");
  }
}

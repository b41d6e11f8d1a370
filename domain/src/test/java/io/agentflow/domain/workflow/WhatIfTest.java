package io.agentflow.domain.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepDraft;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.whatif.Difference;
import io.agentflow.domain.whatif.Difference.Kind;
import io.agentflow.domain.whatif.Difference.Outcome;
import io.agentflow.domain.whatif.Limit;
import io.agentflow.domain.whatif.Policy;
import io.agentflow.domain.whatif.Prices;
import io.agentflow.domain.whatif.Rule;
import io.agentflow.domain.whatif.WhatIf;
import io.agentflow.domain.workflow.RunCommand.AwaitBudget;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolCall;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolResult;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Recorded runs, under another rule. A position here is how many events there were by then. */
class WhatIfTest {

  private static final Instant BEGUN = Instant.parse("2026-01-02T03:04:05Z");
  private static final String MODEL = "small";

  private static WhatIf.Run under(Rule rule, RunHistory history) {
    WhatIf whatIf =
        new WhatIf(
            rule,
            agentId ->
                agentId.equals(RunHistory.AGENT.value()) ? Optional.of(MODEL) : Optional.empty());
    long position = 0;
    for (WorkflowEvent event : history.events()) {
      position++;
      whatIf.see(position, BEGUN.plusSeconds(position), event);
    }
    return whatIf.run();
  }

  private static String told(Difference difference) {
    return "%s %s %s -> %s (%s)%s"
        .formatted(
            difference.kind().word(),
            difference.subject(),
            difference.recorded().word(),
            difference.underRule().word(),
            difference.because(),
            difference.first() ? "" : " after");
  }

  private static List<String> told(Rule rule, RunHistory history) {
    return under(rule, history).differences().stream().map(WhatIfTest::told).toList();
  }

  private static Rule policy(Policy policy) {
    return new Rule(null, null, policy, null, null);
  }

  private static Rule prices(Map<String, Long> models, @Nullable Long others) {
    return new Rule(null, null, Policy.NONE, new Prices(models, others), null);
  }

  private static Rule limit(@Nullable Long tokens, @Nullable Long microDollars) {
    return new Rule(null, null, Policy.NONE, null, new Limit(tokens, microDollars));
  }

  private static RunHistory chat() {
    RunHistory history = RunHistory.created();
    history.does(history.start());
    history.does(message("m1", 1_000, 2_500));
    history.does(
        new RecordToolCall(
            RunHistory.ID, "c1", RunHistory.AGENT, "refund", "{}", Spend.of(200, 2_000), null));
    history.does(new RecordToolResult(RunHistory.ID, "c1", "done", Spend.of(100, 250), null));
    history.does(message("m2", 500, 5_000));
    return history;
  }

  private static RecordMessage message(String messageId, long tokens, long microDollars) {
    return new RecordMessage(
        RunHistory.ID,
        messageId,
        Role.ASSISTANT,
        "bot",
        "ann",
        "well",
        Spend.of(tokens, microDollars),
        null);
  }

  @Test
  void under_a_stricter_mode_the_plan_and_each_step_would_have_been_asked_about() {
    RunHistory history =
        RunHistory.running(StepDraft.work("a"), StepDraft.work("b", "a")).completes("a", "b");

    WhatIf.Run run = under(Rule.of(AutonomyMode.APPROVE_ALL), history);

    assertThat(run.differences().stream().map(WhatIfTest::told))
        .containsExactly(
            "plan v1 approved -> asked (approve_all asks for plans)",
            "step a handed_out -> asked (approve_all asks before each step) after",
            "step b handed_out -> asked (approve_all asks before each step) after");
    assertThat(run.differences().get(1).recordedCost()).isEqualTo(Spend.of(10, 20));
    assertThat(run.cost()).isEqualTo(run.recordedCost()).isEqualTo(Spend.of(20, 40));
    assertThat(run.asked()).isZero();
    assertThat(run.askedUnderRule()).isEqualTo(3);
  }

  @Test
  void under_a_looser_mode_nobody_would_have_been_asked() {
    RunHistory history =
        RunHistory.created()
            .startedWith(AutonomyMode.RISK_BASED, StepDraft.work("a").risk(Risk.HIGH));
    history.does(history.grant("ann"));
    history.completes("a");

    assertThat(told(Rule.of(AutonomyMode.FULL_AUTO), history))
        .containsExactly("step a asked -> handed_out (full_auto runs steps below critical risk)");
    assertThat(under(Rule.of(AutonomyMode.FULL_AUTO), history).askedUnderRule()).isZero();
  }

  @Test
  void what_the_agents_own_mode_asked_is_asked_under_any_mode_of_the_plan() {
    RunHistory history =
        RunHistory.created()
            .startedWith(AutonomyMode.RISK_BASED, StepDraft.work("a"), StepDraft.work("b"));
    history.does(history.assign("a", AutonomyMode.APPROVE_ALL));
    history.does(history.grant("ann"));
    history.completes("a", "b");

    assertThat(told(Rule.of(AutonomyMode.FULL_AUTO), history)).isEmpty();
  }

  @Test
  void the_floor_makes_stricter_what_is_looser_and_nothing_else() {
    RunHistory loose = RunHistory.running(StepDraft.work("a").risk(Risk.MEDIUM)).completes("a");
    Rule floor = new Rule(null, AutonomyMode.RISK_BASED, Policy.NONE, null, null);

    assertThat(told(floor, loose))
        .containsExactly(
            "step a handed_out -> asked (risk_based asks before steps above low risk)");
    RunHistory strict = RunHistory.created();
    strict.does(strict.propose(AutonomyMode.APPROVE_ALL, StepDraft.plan(StepDraft.work("a"))));
    assertThat(told(floor, strict)).isEmpty();
  }

  @Test
  void under_plan_only_nothing_would_have_started_or_cost_anything() {
    RunHistory history = RunHistory.running(StepDraft.work("a")).completes("a");

    WhatIf.Run run = under(Rule.of(AutonomyMode.PLAN_ONLY), history);

    assertThat(run.differences())
        .extracting(Difference::kind, Difference::underRule, Difference::first)
        .containsExactly(
            tuple(Kind.PLAN, Outcome.ASKED, true),
            tuple(Kind.START, Outcome.REFUSED, false),
            tuple(Kind.STEP, Outcome.REFUSED, false));
    assertThat(run.cost()).isEqualTo(Spend.NONE);
  }

  @Test
  void a_step_is_as_risky_as_its_tool_or_else_its_kind_is_said_to_be() {
    RunHistory history =
        RunHistory.created()
            .startedWith(
                AutonomyMode.RISK_BASED,
                StepDraft.work("a"),
                StepDraft.tool("b").input("{}"),
                StepDraft.tool("c").calls("pay").input("{}"))
            .completes("a", "b", "c");
    Policy policy =
        new Policy(
            Map.of("echo", Risk.LOW, "pay", Risk.CRITICAL),
            Map.of(StepKind.TOOL, Risk.HIGH),
            Set.of());

    assertThat(told(policy(policy), history))
        .containsExactly(
            "step c handed_out -> asked (risk_based asks before steps above low risk)");
  }

  @Test
  void a_denied_tool_is_not_called_by_steps_nor_by_agents_nor_to_undo() {
    RunHistory planned =
        RunHistory.running(
            StepDraft.tool("a").calls("pay").input("{}").attempts(2), StepDraft.work("b"));
    planned.fails("a");
    planned.later(5_000);
    planned.does(planned.endBackoff("a"));
    planned.completes("a", "b");
    WhatIf.Run run = under(policy(new Policy(Map.of(), Map.of(), Set.of("pay"))), planned);
    assertThat(run.differences().stream().map(WhatIfTest::told))
        .containsExactly("step a handed_out -> refused (the tool pay is denied)");
    assertThat(run.differences().getFirst().recordedCost()).isEqualTo(Spend.of(20, 40));
    assertThat(run.cost()).isEqualTo(Spend.of(10, 20));

    RunHistory undone =
        RunHistory.running(StepDraft.work("a").undoneBy("pay"), StepDraft.work("b", "a"))
            .completes("a");
    undone.does(new RunCommand.CancelWorkflow(RunHistory.ID, "not wanted", undone.now()));
    undone.completes("a");
    assertThat(told(policy(new Policy(Map.of(), Map.of(), Set.of("pay"))), undone))
        .containsExactly("step a handed_out -> refused (the tool pay is denied)");

    WhatIf.Run chat = under(policy(new Policy(Map.of(), Map.of(), Set.of("refund"))), chat());
    assertThat(chat.differences().stream().map(WhatIfTest::told))
        .containsExactly("tool_call c1 called -> refused (the tool refund is denied)");
    assertThat(chat.differences().getFirst().recordedCost()).isEqualTo(Spend.of(300, 2_250));
    assertThat(chat.cost()).isEqualTo(Spend.of(1_500, 7_500));
  }

  @Test
  void other_prices_cost_something_else_by_the_agents_model_and_decide_nothing() {
    WhatIf.Run run = under(prices(Map.of(MODEL, 5_000_000L), 1_000_001L), chat());

    assertThat(run.differences())
        .extracting(Difference::subject, of -> of.cost().microDollars(), Difference::first)
        .containsExactly(
            tuple("m1", 1_001L, true),
            tuple("c1", 1_000L, true),
            tuple("c1", 500L, true),
            tuple("m2", 501L, true));
    assertThat(run.differences().get(1).because())
        .isEqualTo("5000000 micro-dollars for 1,000,000 tokens of small");
    assertThat(run.recordedCost().microDollars()).isEqualTo(9_750);
  }

  @Test
  void a_step_that_does_not_fit_is_refused_where_the_limit_would_have_been_reached() {
    RunHistory history =
        RunHistory.running(
                StepDraft.work("a").estimate(100),
                StepDraft.work("b", "a").estimate(95),
                StepDraft.work("c", "b").estimate(80))
            .completes("a", "b", "c");

    WhatIf.Run run = under(limit(100L, null), history);

    assertThat(run.differences()).hasSize(1);
    Difference refused = run.differences().getFirst();
    assertThat(refused.kind()).isEqualTo(Kind.RESERVATION);
    assertThat(refused.subject()).isEqualTo("b");
    assertThat(refused.underRule()).isEqualTo(Outcome.REFUSED);
    assertThat(refused.remaining()).extracting(Spend::tokens).isEqualTo(90L);
    assertThat(refused.because()).isEqualTo("it asks for 95 tokens, of which 90 remain");
    assertThat(refused.recordedCost()).isEqualTo(Spend.of(10, 20));
    assertThat(refused.cost()).isEqualTo(Spend.NONE);
    assertThat(run.cost()).isEqualTo(Spend.of(20, 40));
  }

  @Test
  void what_a_budget_refused_is_told_where_the_rules_would_not_have() {
    RunHistory history =
        RunHistory.createdWithBudget()
            .startedWith(AutonomyMode.FULL_AUTO, StepDraft.work("a").estimate(100));
    history.does(new AwaitBudget(RunHistory.ID, RunHistory.BUDGET.value(), "a", 1, "too little"));

    assertThat(told(limit(100L, null), history))
        .containsExactly("reservation a refused -> granted (there is room under the rule's limit)");
    assertThat(told(limit(99L, null), history)).isEmpty();
  }

  @Test
  void spending_that_nobody_reserved_counts_and_is_refused_where_it_does_not_fit() {
    WhatIf.Run run = under(limit(null, 5_000L), chat());

    assertThat(run.differences())
        .extracting(Difference::kind, Difference::subject)
        .containsExactly(tuple(Kind.SPENDING, "m2"));
    assertThat(run.differences().getFirst().remaining())
        .extracting(Spend::microDollars)
        .isEqualTo(250L);
    assertThat(run.differences().getFirst().because())
        .isEqualTo("it asks for 5000 micro-dollars, of which 250 remain");
    assertThat(run.cost()).isEqualTo(Spend.of(1_300, 4_750));
  }

  @Test
  void rules_refuse_what_no_rule_could_mean() {
    assertThatExceptionOfType(InvalidField.class).isThrownBy(() -> new Limit(null, null));
    assertThatExceptionOfType(InvalidField.class).isThrownBy(() -> new Limit(-1L, null));
    assertThatExceptionOfType(InvalidField.class)
        .isThrownBy(() -> new Prices(Map.of("m", -1L), null));
    assertThatExceptionOfType(InvalidField.class)
        .isThrownBy(() -> new Prices(Map.of(), Prices.MICRO_DOLLARS_MAX + 1));
    assertThatExceptionOfType(InvalidField.class)
        .isThrownBy(() -> new Policy(Map.of(), Map.of(StepKind.WAIT, Risk.LOW), Set.of()));
    assertThatExceptionOfType(InvalidField.class)
        .isThrownBy(() -> new Policy(Map.of(), Map.of(), Set.of(" ")));
  }

  private static final AgentId ANOTHER = new AgentId("018f4e6a-0000-7000-8000-0000000000a2");

  @Test
  void a_price_for_no_model_leaves_the_others_as_they_were() {
    RunHistory history = RunHistory.created();
    history.does(history.start());
    history.does(
        new RecordToolCall(
            RunHistory.ID, "c1", ANOTHER, "refund", "{}", Spend.of(200, 2_000), null));
    assertThat(told(prices(Map.of(MODEL, 1L), null), history)).isEmpty();
  }
}

package io.agentflow.application.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentflow.application.intake.InvalidPlan;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.PlanFacts.AgentFacts;
import io.agentflow.domain.planning.PlanFault;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.RetryPolicy;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PlanDefinitionTest {

  private static final String WRITER = "018f4e6a-0000-7000-8000-0000000000a1";

  private static PlanDefinition read(String json) {
    return PlanDefinition.read(new JsonMapper().readTree(json), PlanFacts.NONE);
  }

  private static PlanStep readStep(String json) {
    return read("{\"steps\":[%s]}".formatted(json)).plan().steps().getFirst();
  }

  private static InvalidPlan refusal(String json, PlanFacts facts) {
    return catchThrowableOfType(
        InvalidPlan.class, () -> PlanDefinition.read(new JsonMapper().readTree(json), facts));
  }

  private static void finds(String json, String... faults) {
    assertThat(refusal(json, PlanFacts.NONE).faults())
        .extracting(fault -> fault.at() + " " + fault.fault())
        .containsExactly(faults);
  }

  private static void findsInStep(String json, String... faults) {
    finds("{\"steps\":[%s]}".formatted(json), faults);
  }

  @Test
  void a_definition_says_everything_that_a_plan_has() {
    PlanDefinition definition =
        read(
            """
            {"autonomy": "risk_based", "timeoutMillis": 60000, "steps": [
              {"id": "draft", "name": "Write", "kind": "agent", "capability": "writing",
               "tool": "search", "agentId": "%s", "input": {"b": [1, 2.5, null], "a": "ü"},
               "estimate": {"tokens": 10, "microDollars": 20}, "timeoutMillis": 1000,
               "retry": {"attempts": 3, "backoffMillis": 1, "factorPercent": 150,
                         "backoffMillisMax": 9, "jitterPercent": 5},
               "onFailure": "compensate", "compensation": {"tool": "burn", "input": ["it"]},
               "risk": "high", "canary": true},
              {"id": "agree", "kind": "approval", "needs": ["draft"],
               "approval": {"required": 2, "people": ["ann", "bob"], "roles": ["lead"],
                            "expiresMillis": 5000, "remindMillis": 100}},
              {"id": "wait", "kind": "wait", "waitMillis": 7, "signal": "go"}]}
            """
                .formatted(WRITER));

    assertThat(definition)
        .isEqualTo(
            new PlanDefinition(
                new Plan(
                    List.of(
                        new PlanStep(
                            "draft",
                            "Write",
                            StepKind.AGENT,
                            List.of(),
                            "writing",
                            "search",
                            WRITER,
                            "{\"b\":[1,2.5,null],\"a\":\"ü\"}",
                            10,
                            20,
                            1_000,
                            new RetryPolicy(3, 1, 150, 9, 5),
                            OnFailure.COMPENSATE,
                            new Compensation("burn", "[\"it\"]"),
                            null,
                            0,
                            null,
                            Risk.HIGH,
                            true),
                        new PlanStep(
                            "agree",
                            "agree",
                            StepKind.APPROVAL,
                            List.of("draft"),
                            null,
                            null,
                            null,
                            "",
                            0,
                            0,
                            0,
                            RetryPolicy.NONE,
                            OnFailure.FAIL,
                            null,
                            new ApprovalRule(2, List.of("ann", "bob"), List.of("lead"), 5_000, 100),
                            0,
                            null,
                            Risk.LOW,
                            false),
                        new PlanStep(
                            "wait",
                            "wait",
                            StepKind.WAIT,
                            List.of(),
                            null,
                            null,
                            null,
                            "",
                            0,
                            0,
                            0,
                            RetryPolicy.NONE,
                            OnFailure.FAIL,
                            null,
                            null,
                            7,
                            "go",
                            Risk.LOW,
                            false))),
                AutonomyMode.RISK_BASED,
                60_000));
  }

  @Test
  void what_is_not_said_has_a_default() {
    PlanDefinition definition =
        read(
            "{\"timeoutMillis\":null,\"steps\":[{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"t\"}]}");
    assertThat(definition.autonomy()).isEqualTo(AutonomyMode.FULL_AUTO);
    assertThat(definition.timeoutMillis()).isZero();
    assertThat(readStep("{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"t\",\"retry\":{}}").retry())
        .isEqualTo(new RetryPolicy(1, 1_000, 200, 3_600_000, 10));
    assertThat(
            readStep(
                    """
                    {"id":"a","kind":"tool","tool":"t","retry":{"attempts":2,"backoffMillis":7200000}}
                    """)
                .retry())
        .isEqualTo(new RetryPolicy(2, 7_200_000, 200, 7_200_000, 10));
    assertThat(readStep("{\"id\":\"a\",\"kind\":\"approval\",\"approval\":{}}").approval())
        .isEqualTo(ApprovalRule.ANYONE);
  }

  @Test
  void a_text_is_given_to_the_step_as_it_is() {
    assertThat(readStep("{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"t\",\"input\":\"hi\"}").input())
        .isEqualTo("hi");
    assertThat(readStep("{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"t\",\"input\":5}").input())
        .isEqualTo("5");
  }

  @Test
  void a_whole_number_may_be_written_with_a_point() {
    assertThat(
            readStep("{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"t\",\"timeoutMillis\":5.0}")
                .timeoutMillis())
        .isEqualTo(5);
    for (String number : List.of("5.5", "1e400", "\"5\"", "9223372036854775808", "true")) {
      findsInStep(
          "{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"t\",\"timeoutMillis\":%s}".formatted(number),
          "steps[0].timeoutMillis must be a whole number");
    }
    findsInStep(
        "{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"t\",\"retry\":{\"attempts\":5000000000}}",
        "steps[0].retry.attempts must be a whole number of at most nine digits");
  }

  @Test
  void what_is_no_definition_is_refused() {
    finds("[]", "plan must be an object");
    finds("null", "plan must be an object");
    finds("{}", "steps must be at least one");
    finds("{\"steps\":{}}", "steps must be a list");
    finds("{\"steps\":[null,5]}", "steps[0] must be an object", "steps[1] must be an object");
    finds(
        "{\"timeoutMillis\":31622400001,\"autonomy\":\"FULL_AUTO\",\"steps\":[]}",
        "timeoutMillis must be 0 to 31622400000, not 31622400001",
        "autonomy must be one of plan_only, approve_all, canary_only, risk_based, full_auto",
        "steps must be at least one");
  }

  @Test
  void unknown_fields_are_refused_wherever_they_stand() {
    finds(
        """
        {"step": [], "steps": [{"id": "a", "kind": "tool", "tool": "t", "need": [],
         "retry": {"times": 3}, "estimate": {"dollars": 1}}]}
        """,
        "step is no field here; known are autonomy, timeoutMillis, steps",
        "steps[0].need is no field here; known are id, name, kind, needs, capability, tool, agentId, input, estimate, timeoutMillis, retry, onFailure, compensation, approval, waitMillis, signal, risk, canary",
        "steps[0].estimate.dollars is no field here; known are tokens, microDollars",
        "steps[0].retry.times is no field here; known are attempts, backoffMillis, factorPercent, backoffMillisMax, jitterPercent");
  }

  @Test
  void what_has_the_wrong_type_is_told_once_and_not_what_follows_from_it() {
    findsInStep("{}", "steps[0].id is required", "steps[0].kind is required");
    findsInStep(
        """
        {"id": 5, "kind": "tol", "needs": "b", "capability": [], "waitMillis": "5s", "canary": "no",
         "retry": 3, "approval": "ann", "onFailure": "compensate", "compensation": [], "risk": 1}
        """,
        "steps[0].id must be text",
        "steps[0].kind must be one of agent, tool, approval, wait",
        "steps[0].needs must be a list",
        "steps[0].capability must be text",
        "steps[0].retry must be an object",
        "steps[0].compensation must be an object",
        "steps[0].approval must be an object",
        "steps[0].waitMillis must be a whole number",
        "steps[0].risk must be one of low, medium, high, critical",
        "steps[0].canary must be true or false");
    findsInStep("{\"id\":\"a\",\"kind\":\"agent\",\"agentId\":7}", "steps[0].agentId must be text");
    findsInStep("{\"id\":\"a\",\"kind\":\"wait\",\"signal\":7}", "steps[0].signal must be text");
    findsInStep(
        "{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"t\",\"compensation\":{}}",
        "steps[0].compensation.tool is required");
    findsInStep(
        "{\"id\":\"a\",\"kind\":\"?\",\"tool\":\"t\"}",
        "steps[0].kind must be one of agent, tool, approval, wait");
  }

  @Test
  void what_cannot_be_read_and_what_is_not_admissible_are_told_together_in_the_plans_order() {
    PlanFacts facts =
        new PlanFacts(
            Map.of(WRITER, new AgentFacts(List.of("writing"), List.of("echo"))), new Spend(10, 10));
    InvalidPlan refusal =
        refusal(
            """
            {"steps": [
              {"id": "a", "kind": "tool", "tool": "fly", "estimate": {"tokens": 11}},
              {"id": "b", "kind": "tool", "tool": "echo", "needs": ["b", 5, "x"]},
              {"id": "c", "kind": 1, "needs": ["d"]},
              {"id": "d", "kind": "agent", "capability": "singing", "needs": ["c"]}]}
            """,
            facts);

    assertThat(refusal.faults())
        .containsExactly(
            new PlanFault(
                "steps",
                "are estimated at 11 tokens and 0 micro-dollars in all; the budget has 10 tokens and 10 micro-dollars left"),
            new PlanFault("steps[0].tool", "is one that no agent may use: fly"),
            new PlanFault("steps[1].needs[1]", "must be text"),
            new PlanFault("steps[1].needs", "must not name the step itself: b"),
            new PlanFault("steps[1].needs", "must be steps of the plan, which x is not"),
            new PlanFault("steps[2].kind", "must be one of agent, tool, approval, wait"),
            new PlanFault("steps[2].needs", "must not go in a circle: c needs d needs c"),
            new PlanFault("steps[3].capability", "is one that no agent has: singing"));
    assertThat(refusal).hasMessageStartingWith("the plan has 8 faults; the first: steps are");
  }
}

package io.agentflow.projections;

import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.RetryPolicy;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plan with everything in it that a step can have. */
final class TestPlans {

  /** {@code collect}, then {@code parse} and {@code hold}, then {@code sign}, then {@code send}. */
  static final Plan SHORT = new Plan(steps());

  /** The same, and a report at the end. */
  static final Plan LONG = longer();

  private TestPlans() {}

  private static List<PlanStep> steps() {
    return List.of(
        step("collect", StepKind.TOOL, Risk.LOW, OnFailure.COMPENSATE, null),
        step("parse", StepKind.AGENT, Risk.MEDIUM, OnFailure.SKIP, null, "collect"),
        step("hold", StepKind.WAIT, Risk.LOW, OnFailure.FAIL, null, "collect"),
        step(
            "sign",
            StepKind.APPROVAL,
            Risk.LOW,
            OnFailure.COMPENSATE,
            new ApprovalRule(2, List.of("ann", "bob"), List.of("lead"), 60_000, 10_000),
            "parse",
            "hold"),
        step("send", StepKind.TOOL, Risk.CRITICAL, OnFailure.COMPENSATE, null, "sign"));
  }

  private static Plan longer() {
    List<PlanStep> steps = new ArrayList<>(steps());
    steps.add(step("report", StepKind.AGENT, Risk.LOW, OnFailure.FAIL, null, "send"));
    return new Plan(steps);
  }

  private static PlanStep step(
      String id,
      StepKind kind,
      Risk risk,
      OnFailure onFailure,
      @Nullable ApprovalRule approval,
      String... needs) {
    boolean tool = kind == StepKind.TOOL;
    boolean wait = kind == StepKind.WAIT;
    boolean work = tool || kind == StepKind.AGENT;
    return new PlanStep(
        id,
        "Do " + id,
        kind,
        List.of(needs),
        kind == StepKind.AGENT ? "reading" : null,
        tool ? "shell" : null,
        null,
        work ? "{}" : "",
        work ? 100 : 0,
        work ? 200 : 0,
        tool ? 20_000 : 0,
        tool ? new RetryPolicy(2, 1_000, 200, 10_000, 10) : RetryPolicy.NONE,
        onFailure,
        tool ? new Compensation("shell", "{\"undo\":true}") : null,
        approval,
        wait ? 5_000 : 0,
        wait ? "go" : null,
        risk,
        false);
  }
}

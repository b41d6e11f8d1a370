package io.agentflow.application.workflow;

import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.Step;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.Workflow.Running;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A step in the hands of a worker: what is to be done, and the token that its answer has to carry.
 *
 * @param results what the steps have led to that it needs, directly or through others, by their ids
 * @param timeoutMillis the plan's limit from hand-out to answer, 0 where it names none
 * @param compensation whether the step is to be undone instead of done
 */
public record Lease(
    String leaseToken,
    String workflowId,
    String stepId,
    int attempt,
    String kind,
    @Nullable String tool,
    @Nullable String capability,
    String name,
    String input,
    Map<String, String> results,
    long timeoutMillis,
    boolean compensation) {

  /** The lease under this token; null when the workflow has given none, or it is over. */
  static @Nullable Lease of(Workflow workflow, String leaseToken) {
    return workflow instanceof Running running
        ? running
            .run()
            .heldUnder(leaseToken)
            .map(planned -> of(running, planned, leaseToken))
            .orElse(null)
        : null;
  }

  private static Lease of(Running running, PlanStep planned, String leaseToken) {
    PlanRun run = running.run();
    String stepId = planned.stepId();
    Step step = run.step(stepId);
    Compensation undoing = step.compensation() ? planned.compensation() : null;
    return new Lease(
        leaseToken,
        running.description().workflowId(),
        stepId,
        step.attempt(),
        (undoing == null ? planned.kind() : StepKind.TOOL).name().toLowerCase(Locale.ROOT),
        undoing == null ? planned.tool() : undoing.tool(),
        undoing == null ? planned.capability() : null,
        planned.name(),
        undoing == null ? planned.input() : undoing.input(),
        undoing == null ? run.resultsNeededBy(stepId) : Map.of(stepId, resultOf(step)),
        planned.timeoutMillis(),
        step.compensation());
  }

  private static String resultOf(Step step) {
    return step.result() == null ? "" : step.result();
  }
}

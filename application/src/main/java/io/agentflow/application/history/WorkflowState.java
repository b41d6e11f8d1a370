package io.agentflow.application.history;

import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.Step;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.Workflow.Absent;
import io.agentflow.domain.workflow.Workflow.Created;
import io.agentflow.domain.workflow.Workflow.Finished;
import io.agentflow.domain.workflow.Workflow.Progress;
import io.agentflow.domain.workflow.Workflow.Running;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workflow's state at some point, as people read it.
 *
 * @param status created, running, paused, compensating, completed, failed or cancelled
 * @param openCallIds tool calls that wait for their results, in the order in which they were made
 * @param outcome the result or the reason, once it is finished
 */
record WorkflowState(
    String name,
    String intent,
    String status,
    @Nullable String agentId,
    @Nullable String budgetId,
    Map<String, String> labels,
    long messages,
    long toolCalls,
    List<String> openCallIds,
    long totalTokens,
    long totalMicroDollars,
    @Nullable String outcome,
    @Nullable String pausedBecause,
    @Nullable PlanState plan) {

  static WorkflowState of(Workflow workflow) {
    return switch (workflow) {
      case Absent absent ->
          throw new IllegalArgumentException("a workflow without events has no state");
      case Created created ->
          of(created.description(), workflow.phase(), Progress.NONE, created.run(), null);
      case Running running ->
          of(running.description(), workflow.phase(), running.progress(), running.run(), null);
      case Finished finished ->
          of(
              finished.description(),
              workflow.phase(),
              finished.progress(),
              finished.run(),
              finished.outcome());
    };
  }

  private static WorkflowState of(
      WorkflowCreated description,
      String phase,
      Progress progress,
      PlanRun run,
      @Nullable String outcome) {
    return new WorkflowState(
        description.name(),
        description.intent(),
        phase,
        description.agentId(),
        description.budgetId(),
        description.labels(),
        progress.messages().size(),
        progress.toolCalls().size(),
        List.copyOf(progress.openCallIds()),
        progress.total().tokens(),
        progress.total().microDollars(),
        outcome,
        run.pause() == null ? null : run.pause().reason(),
        PlanState.of(run));
  }

  /**
   * A plan and how far it has come.
   *
   * @param version the version that is carried out, or else that is proposed
   * @param standing proposed, approved or rejected
   */
  record PlanState(
      int version, String standing, String digest, String autonomy, List<StepState> steps) {

    static @Nullable PlanState of(PlanRun run) {
      PlanRun.Version version = run.current() != null ? run.current() : run.proposed();
      if (version == null) {
        return null;
      }
      return new PlanState(
          version.number(),
          run.current() != null ? "approved" : version.rejected() == null ? "proposed" : "rejected",
          version.digest(),
          version.autonomy().word(),
          version.plan().steps().stream()
              .map(step -> StepState.of(step, run.step(step.stepId())))
              .toList());
    }
  }

  /** Where a step stood. */
  record StepState(
      String stepId,
      String name,
      String kind,
      List<String> needs,
      String status,
      int attempt,
      @Nullable String agentId,
      @Nullable Instant dueAt,
      @Nullable String result) {

    static StepState of(PlanStep planned, Step step) {
      return new StepState(
          planned.stepId(),
          planned.name(),
          planned.kind().name().toLowerCase(Locale.ROOT),
          planned.needs(),
          step.phase().name().toLowerCase(Locale.ROOT),
          step.attempt(),
          step.agentId(),
          step.dueAt(),
          step.result());
    }
  }
}

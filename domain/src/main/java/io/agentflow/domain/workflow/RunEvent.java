package io.agentflow.domain.workflow;

import io.agentflow.domain.EventName;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became true while a plan was made and carried out. A storage format, as all events are.
 *
 * <p>The budget's id stands in an event where the step's attempt has a reservation there, which the
 * event ends or asks for; the lease's token where a worker gave the answer. Tokens and
 * micro-dollars are the attempt's own use, the totals are the workflow's after it.
 */
public sealed interface RunEvent extends WorkflowEvent {

  /**
   * A plan was found admissible.
   *
   * @param planVersion from 1
   * @param timeoutMillis longest time from start to end, 0 for none
   */
  @EventName("workflow.plan-proposed")
  record PlanProposed(
      String workflowId,
      int planVersion,
      Plan plan,
      String planDigest,
      AutonomyMode autonomy,
      long timeoutMillis,
      String proposedBy)
      implements RunEvent {}

  /**
   * The plan is what is carried out from now on.
   *
   * @param rule why, where no person was asked
   */
  @EventName("workflow.plan-approved")
  record PlanApproved(String workflowId, int planVersion, String planDigest, String rule)
      implements RunEvent {}

  @EventName("workflow.plan-rejected")
  record PlanRejected(String workflowId, int planVersion, String reason) implements RunEvent {}

  /** The workflow fails if it is not over by then. */
  @EventName("workflow.deadline-set")
  record DeadlineSet(String workflowId, Instant dueAt) implements RunEvent {}

  /**
   * The workflow goes on where another stood.
   *
   * @param reused results that are taken over, so that their steps are not done again
   */
  @EventName("workflow.restarted-from")
  record RestartedFrom(
      String workflowId, String originWorkflowId, String fromStepId, List<StepResult> reused)
      implements RunEvent {}

  /** What a step led to. */
  record StepResult(String stepId, String result) {}

  /**
   * A step can be handed out.
   *
   * @param attempt from 1
   * @param compensation whether it undoes the step instead of doing it
   */
  @EventName("workflow.step-ready")
  record StepReady(
      String workflowId,
      String stepId,
      int attempt,
      boolean compensation,
      StepKind kind,
      @Nullable String capability,
      @Nullable String tool,
      @Nullable String agentId,
      long timeoutMillis,
      @Nullable String budgetId,
      long estimatedTokens,
      long estimatedMicroDollars)
      implements RunEvent {}

  /**
   * The budget has too little left for the attempt, which is over: the next one asks again, once
   * there is room. Until then what was refused waits there.
   */
  @EventName("workflow.step-unfunded")
  record StepUnfunded(String workflowId, String stepId, int attempt, String budgetId)
      implements RunEvent {}

  /**
   * An agent has a lease on the step.
   *
   * @param autonomy the stricter of the workflow's mode and the agent's
   * @param rule why it may run without asking, or that it was approved
   */
  @EventName("workflow.step-assigned")
  record StepAssigned(
      String workflowId,
      String stepId,
      int attempt,
      String agentId,
      String leaseToken,
      Instant leaseUntil,
      @Nullable Instant timeoutAt,
      AutonomyMode autonomy,
      Risk risk,
      String rule)
      implements RunEvent {}

  @EventName("workflow.step-progressed")
  record StepProgressed(String workflowId, String stepId, int attempt, String note, int percent)
      implements RunEvent {}

  @EventName("workflow.step-completed")
  record StepCompleted(
      String workflowId,
      String stepId,
      int attempt,
      @Nullable String leaseToken,
      String result,
      @Nullable String budgetId,
      long tokens,
      long microDollars,
      long totalTokens,
      long totalMicroDollars)
      implements RunEvent {}

  /** What a step had led to is undone. */
  @EventName("workflow.step-compensated")
  record StepCompensated(
      String workflowId,
      String stepId,
      int attempt,
      @Nullable String leaseToken,
      String result,
      @Nullable String budgetId,
      long tokens,
      long microDollars,
      long totalTokens,
      long totalMicroDollars)
      implements RunEvent {}

  @EventName("workflow.step-failed")
  record StepFailed(
      String workflowId,
      String stepId,
      int attempt,
      @Nullable String leaseToken,
      FailureCause cause,
      String reason,
      @Nullable String budgetId,
      long tokens,
      long microDollars,
      long totalTokens,
      long totalMicroDollars)
      implements RunEvent {}

  /**
   * The step is tried again.
   *
   * @param attempt the next one
   */
  @EventName("workflow.step-retry-scheduled")
  record StepRetryScheduled(String workflowId, String stepId, int attempt, Instant dueAt)
      implements RunEvent {}

  /** The steps that need it go on without its result. */
  @EventName("workflow.step-skipped")
  record StepSkipped(String workflowId, String stepId, String reason) implements RunEvent {}

  /** The step is not wanted now; its attempt is over, who holds a lease on it has lost it. */
  @EventName("workflow.step-cancelled")
  record StepCancelled(String workflowId, String stepId, int attempt, @Nullable String budgetId)
      implements RunEvent {}

  /** A wait step waits: for a time, for a signal, or for what comes first. */
  @EventName("workflow.wait-started")
  record WaitStarted(
      String workflowId, String stepId, @Nullable Instant dueAt, @Nullable String signal)
      implements RunEvent {}

  @EventName("workflow.signal-received")
  record SignalReceived(String workflowId, String signalId, String name, String payload)
      implements RunEvent {}

  /**
   * Nothing more is handed out until it is resumed.
   *
   * @param budgetId the budget that had too little left, where that is why
   */
  @EventName("workflow.paused")
  record WorkflowPaused(String workflowId, String reason, @Nullable String budgetId)
      implements RunEvent {}

  @EventName("workflow.resumed")
  record WorkflowResumed(String workflowId) implements RunEvent {}

  /**
   * What was done is undone, in reverse order; then the workflow ends.
   *
   * @param cancelled whether it ends as cancelled, or as failed
   */
  @EventName("workflow.compensation-started")
  record CompensationStarted(String workflowId, boolean cancelled, String reason)
      implements RunEvent {}

  /** A failed workflow goes on, because a step of it is tried again. */
  @EventName("workflow.reopened")
  record WorkflowReopened(String workflowId, String stepId) implements RunEvent {}

  @EventName("workflow.cancelled")
  record WorkflowCancelled(
      String workflowId, String reason, long totalTokens, long totalMicroDollars)
      implements RunEvent {}

  /** Why an attempt failed. */
  enum FailureCause {
    /** Its worker said so. */
    REPORTED,
    /** It took longer than its time. */
    TIMED_OUT,
    /** Its worker was not heard of any more. */
    LEASE_LOST,
    /** People denied it. */
    DENIED,
    /** Nobody decided in time. */
    EXPIRED
  }
}

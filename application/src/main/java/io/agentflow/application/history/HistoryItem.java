package io.agentflow.application.history;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.application.WhoAndWhy;
import io.agentflow.application.history.HistoryWalk.Point;
import io.agentflow.application.stream.LogItem;
import io.agentflow.domain.Spend;
import io.agentflow.domain.workflow.Approval;
import io.agentflow.domain.workflow.ApprovalEvent;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.RunEvent;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.DeadlineSet;
import io.agentflow.domain.workflow.RunEvent.PlanApproved;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
import io.agentflow.domain.workflow.RunEvent.RestartedFrom;
import io.agentflow.domain.workflow.RunEvent.SignalReceived;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepProgressed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.RunEvent.StepSkipped;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.Step;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a history as people read it: what is stored, who did it and why, and what it led to.
 *
 * @param actor who did it
 * @param ledTo what was so with this entry, folded from all up to it
 */
record HistoryItem(@JsonUnwrapped LogItem entry, @Nullable String actor, Cause cause, LedTo ledTo) {

  /**
   * Why it was done.
   *
   * @param correlationId what it belongs to: the same for all that one request has led to
   * @param causationId the command that did it
   */
  record Cause(@Nullable String correlationId, @Nullable String causationId) {}

  /**
   * What was so with an entry.
   *
   * @param status of the workflow
   * @param totalTokens what the workflow had cost, with this entry
   * @param totalMicroDollars the same in millionths of a dollar
   * @param step the step that the entry is about; null where it is about none
   */
  record LedTo(String status, long totalTokens, long totalMicroDollars, @Nullable StepAfter step) {}

  /**
   * Where a step stood with an entry.
   *
   * @param status what it waited for, or how it ended
   * @param attempt the last that was announced, 0 before the first
   */
  record StepAfter(String stepId, String status, int attempt) {}

  static HistoryItem of(Point point) {
    JsonNode metadata = CanonicalJson.parse(point.entry().metadata());
    return new HistoryItem(
        LogItem.of(point.entry()),
        text(metadata, WhoAndWhy.ACTOR),
        new Cause(text(metadata, WhoAndWhy.CORRELATION_ID), text(metadata, WhoAndWhy.CAUSATION_ID)),
        ledTo(point));
  }

  private static @Nullable String text(JsonNode metadata, String name) {
    return metadata.path(name).textValue();
  }

  private static LedTo ledTo(Point point) {
    Workflow state = point.state();
    Spend total = Workflow.progressOf(state).total();
    return new LedTo(state.phase(), total.tokens(), total.microDollars(), stepAfter(point));
  }

  private static @Nullable StepAfter stepAfter(Point point) {
    PlanRun run = Workflow.runOf(point.state());
    String stepId = stepOf(point.event(), run);
    if (stepId == null) {
      return null;
    }
    Step step = run.step(stepId);
    return new StepAfter(stepId, step.phase().name().toLowerCase(Locale.ROOT), step.attempt());
  }

  private static @Nullable String stepOf(WorkflowEvent event, PlanRun run) {
    return switch (event) {
      case RunEvent of -> stepOf(of);
      case ApprovalRequested asked -> asked.stepId();
      case ApprovalEvent of -> {
        Approval approval = run.approvals().get(of.approvalId());
        yield approval == null ? null : approval.request().stepId();
      }
      case WorkflowEvent.WorkflowCreated created -> null;
      case WorkflowEvent.WorkflowStarted started -> null;
      case WorkflowEvent.MessageRecorded said -> null;
      case WorkflowEvent.ToolCalled called -> null;
      case WorkflowEvent.ToolReturned returned -> null;
      case WorkflowEvent.WorkflowCompleted completed -> null;
      case WorkflowEvent.WorkflowFailed failed -> null;
    };
  }

  private static @Nullable String stepOf(RunEvent event) {
    return switch (event) {
      case StepReady of -> of.stepId();
      case StepUnfunded of -> of.stepId();
      case StepAssigned of -> of.stepId();
      case StepProgressed of -> of.stepId();
      case StepCompleted of -> of.stepId();
      case StepCompensated of -> of.stepId();
      case StepFailed of -> of.stepId();
      case StepRetryScheduled of -> of.stepId();
      case StepSkipped of -> of.stepId();
      case StepCancelled of -> of.stepId();
      case WaitStarted of -> of.stepId();
      case WorkflowReopened of -> of.stepId();
      case PlanProposed of -> null;
      case PlanApproved of -> null;
      case PlanRejected of -> null;
      case DeadlineSet of -> null;
      case RestartedFrom of -> null;
      case SignalReceived of -> null;
      case WorkflowPaused of -> null;
      case WorkflowResumed of -> null;
      case CompensationStarted of -> null;
      case WorkflowCancelled of -> null;
    };
  }
}

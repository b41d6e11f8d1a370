package io.agentflow.domain.workflow;

import io.agentflow.domain.EventName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became true of a workflow. These records and their components are the storage format: they
 * are hashed into the log and have to load for ever. Change nothing here; add a version.
 *
 * <p>Tokens and micro-dollars are the event's own cost, the totals are the workflow's after it.
 */
public sealed interface WorkflowEvent
    permits WorkflowEvent.WorkflowCreated,
        WorkflowEvent.WorkflowStarted,
        WorkflowEvent.MessageRecorded,
        WorkflowEvent.ToolCalled,
        WorkflowEvent.ToolReturned,
        WorkflowEvent.WorkflowCompleted,
        WorkflowEvent.WorkflowFailed,
        RunEvent,
        ApprovalEvent {

  String workflowId();

  @EventName("workflow.created")
  record WorkflowCreated(
      String workflowId,
      String name,
      String intent,
      @Nullable String agentId,
      @Nullable String budgetId,
      Map<String, String> labels)
      implements WorkflowEvent {}

  @EventName("workflow.started")
  record WorkflowStarted(String workflowId) implements WorkflowEvent {}

  @EventName("workflow.message-recorded")
  record MessageRecorded(
      String workflowId,
      String messageId,
      String role,
      String from,
      String to,
      String content,
      long tokens,
      long microDollars,
      long totalTokens,
      long totalMicroDollars)
      implements WorkflowEvent {}

  @EventName("workflow.tool-called")
  record ToolCalled(
      String workflowId,
      String callId,
      String agentId,
      String tool,
      String arguments,
      long tokens,
      long microDollars,
      long totalTokens,
      long totalMicroDollars)
      implements WorkflowEvent {}

  @EventName("workflow.tool-returned")
  record ToolReturned(
      String workflowId,
      String callId,
      String tool,
      String result,
      long tokens,
      long microDollars,
      long totalTokens,
      long totalMicroDollars)
      implements WorkflowEvent {}

  @EventName("workflow.completed")
  record WorkflowCompleted(
      String workflowId, String result, long totalTokens, long totalMicroDollars)
      implements WorkflowEvent {}

  @EventName("workflow.failed")
  record WorkflowFailed(String workflowId, String reason, long totalTokens, long totalMicroDollars)
      implements WorkflowEvent {}
}

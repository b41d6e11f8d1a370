package io.agentflow.domain.workflow;

import io.agentflow.domain.EventName;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became true of a decision that people have to take. A storage format. */
public sealed interface ApprovalEvent extends WorkflowEvent {

  String approvalId();

  /**
   * People have to decide.
   *
   * @param stepId the step that waits for it; null where it is the plan
   * @param digest of what is to be approved: an approval counts for nothing else
   * @param requestedBy who asked, hence may not approve
   * @param required how many different people have to approve
   * @param people who may, by name
   * @param roles whose bearers may; with no people and no roles anyone may
   */
  @EventName("workflow.approval-requested")
  record ApprovalRequested(
      String workflowId,
      String approvalId,
      @Nullable String stepId,
      String digest,
      String requestedBy,
      int required,
      List<String> people,
      List<String> roles,
      Instant expiresAt,
      @Nullable Instant remindAt)
      implements ApprovalEvent {}

  /**
   * One of those required has approved.
   *
   * @param granted how many have, with this one
   */
  @EventName("workflow.approval-granted")
  record ApprovalGranted(String workflowId, String approvalId, String by, int granted, int required)
      implements ApprovalEvent {}

  @EventName("workflow.approval-denied")
  record ApprovalDenied(String workflowId, String approvalId, String by, String reason)
      implements ApprovalEvent {}

  @EventName("workflow.approval-expired")
  record ApprovalExpired(String workflowId, String approvalId) implements ApprovalEvent {}

  @EventName("workflow.approval-reminded")
  record ApprovalReminded(String workflowId, String approvalId) implements ApprovalEvent {}

  /** Another may decide in the place of who was to. */
  @EventName("workflow.approval-delegated")
  record ApprovalDelegated(String workflowId, String approvalId, String by, String to)
      implements ApprovalEvent {}

  /** What was to be approved is not wanted any more. */
  @EventName("workflow.approval-withdrawn")
  record ApprovalWithdrawn(String workflowId, String approvalId) implements ApprovalEvent {}
}

package io.agentflow.domain.workflow;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.Approval.Outcome;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDelegated;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDenied;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalExpired;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalGranted;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalReminded;
import io.agentflow.domain.workflow.PlanRun.Version;
import io.agentflow.domain.workflow.RunCommand.DelegateApproval;
import io.agentflow.domain.workflow.RunCommand.DenyApproval;
import io.agentflow.domain.workflow.RunCommand.ExpireApproval;
import io.agentflow.domain.workflow.RunCommand.GrantApproval;
import io.agentflow.domain.workflow.RunCommand.RemindApproval;
import io.agentflow.domain.workflow.RunEvent.FailureCause;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
import io.agentflow.domain.workflow.WorkflowRejection.ApprovalClosed;
import io.agentflow.domain.workflow.WorkflowRejection.DigestDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.NotEntitled;
import io.agentflow.domain.workflow.WorkflowRejection.OwnRequest;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownApproval;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What happens when people decide, or fail to. */
final class ApprovalDecisions {

  private ApprovalDecisions() {}

  static Decision<WorkflowEvent, WorkflowRejection> grant(
      GrantApproval command, Workflow workflow) {
    Approval approval = Workflow.runOf(workflow).approvals().get(command.approvalId());
    if (approval != null && approval.grantedBy().contains(command.by())) {
      return Decision.alreadySo();
    }
    WorkflowRejection refusal =
        refusal(approval, command.approvalId(), command.by(), command.roles(), command.at());
    if (refusal != null || approval == null) {
      return Decision.reject(refusal == null ? new UnknownApproval(command.approvalId()) : refusal);
    }
    if (!approval.request().digest().equals(command.digest())) {
      return Decision.reject(new DigestDiffers(approval.request().digest()));
    }
    Unfolding unfolding =
        new Unfolding(workflow, command.at())
            .then(
                new ApprovalGranted(
                    command.workflowId().value(),
                    command.approvalId(),
                    command.by(),
                    approval.grantedBy().size() + 1,
                    approval.request().required()));
    if (approval.grantedBy().size() + 1 >= approval.request().required()) {
      granted(unfolding, command, approval);
    }
    return unfolding.accepted();
  }

  private static void granted(Unfolding unfolding, GrantApproval command, Approval approval) {
    PlanRun run = unfolding.run();
    String stepId = approval.request().stepId();
    if (stepId == null) {
      approvePlan(unfolding, command, run);
      return;
    }
    for (PlanStep step : run.plannedAs(stepId)) {
      if (step.kind() == StepKind.APPROVAL) {
        Approval whole = run.approvals().get(command.approvalId());
        unfolding.done(
            stepId,
            "approved by "
                + String.join(", ", whole == null ? List.of(command.by()) : whole.grantedBy()));
        unfolding.advance();
      } else {
        unfolding.readyAgain(step);
      }
    }
  }

  private static void approvePlan(Unfolding unfolding, GrantApproval command, PlanRun run) {
    Version proposed = run.proposed();
    if (proposed == null) {
      return;
    }
    List<String> dropped = RunDecisions.dropped(proposed.plan(), run);
    if (dropped.isEmpty()) {
      RunDecisions.approve(unfolding, command.workflowId(), proposed, "people approved it");
    } else {
      unfolding.then(
          new PlanRejected(
              command.workflowId().value(),
              proposed.number(),
              "steps %s have begun meanwhile; propose it again with them as they are"
                  .formatted(String.join(", ", dropped))));
    }
  }

  static Decision<WorkflowEvent, WorkflowRejection> deny(DenyApproval command, Workflow workflow) {
    Approval approval = Workflow.runOf(workflow).approvals().get(command.approvalId());
    if (approval != null && approval.outcome() == Outcome.DENIED) {
      return Decision.alreadySo();
    }
    WorkflowRejection refusal =
        refusal(approval, command.approvalId(), command.by(), command.roles(), command.at());
    if (refusal != null || approval == null) {
      return Decision.reject(refusal == null ? new UnknownApproval(command.approvalId()) : refusal);
    }
    Unfolding unfolding =
        new Unfolding(workflow, command.at())
            .then(
                new ApprovalDenied(
                    command.workflowId().value(),
                    command.approvalId(),
                    command.by(),
                    command.reason()));
    refused(
        unfolding,
        command.workflowId(),
        approval,
        FailureCause.DENIED,
        "%s denied it: %s".formatted(command.by(), command.reason()));
    return unfolding.accepted();
  }

  private static void refused(
      Unfolding unfolding,
      WorkflowId workflowId,
      Approval approval,
      FailureCause cause,
      String reason) {
    String stepId = approval.request().stepId();
    Version proposed = unfolding.run().proposed();
    if (stepId != null) {
      unfolding.failed(stepId, cause, null, reason, false, Spend.NONE);
    } else if (proposed != null) {
      unfolding.then(new PlanRejected(workflowId.value(), proposed.number(), reason));
    }
  }

  static Decision<WorkflowEvent, WorkflowRejection> delegate(
      DelegateApproval command, Workflow workflow) {
    Approval approval = Workflow.runOf(workflow).approvals().get(command.approvalId());
    if (approval != null && command.to().equals(approval.delegates().get(command.by()))) {
      return Decision.alreadySo();
    }
    WorkflowRejection refusal =
        refusal(approval, command.approvalId(), command.by(), command.roles(), command.at());
    if (refusal != null || approval == null) {
      return Decision.reject(refusal == null ? new UnknownApproval(command.approvalId()) : refusal);
    }
    if (command.to().equals(approval.request().requestedBy())) {
      return Decision.reject(new OwnRequest(command.to()));
    }
    return Decision.accept(
        new ApprovalDelegated(
            command.workflowId().value(), command.approvalId(), command.by(), command.to()));
  }

  static Decision<WorkflowEvent, WorkflowRejection> expire(
      ExpireApproval command, Workflow workflow) {
    Approval approval = Workflow.runOf(workflow).approvals().get(command.approvalId());
    if (approval == null
        || approval.outcome() != Outcome.OPEN
        || command.at().isBefore(approval.request().expiresAt())) {
      return Decision.alreadySo();
    }
    Unfolding unfolding =
        new Unfolding(workflow, command.at())
            .then(new ApprovalExpired(command.workflowId().value(), command.approvalId()));
    refused(
        unfolding,
        command.workflowId(),
        approval,
        FailureCause.EXPIRED,
        "nobody decided before " + approval.request().expiresAt());
    return unfolding.accepted();
  }

  static Decision<WorkflowEvent, WorkflowRejection> remind(
      RemindApproval command, Workflow workflow) {
    Approval approval = Workflow.runOf(workflow).approvals().get(command.approvalId());
    Instant due = approval == null ? null : approval.request().remindAt();
    if (approval == null
        || approval.outcome() != Outcome.OPEN
        || approval.reminded()
        || due == null
        || command.at().isBefore(due)) {
      return Decision.alreadySo();
    }
    return Decision.accept(
        new ApprovalReminded(command.workflowId().value(), command.approvalId()));
  }

  /** Why this person cannot decide this now; null when it can. */
  private static @Nullable WorkflowRejection refusal(
      @Nullable Approval approval, String approvalId, String by, List<String> roles, Instant at) {
    if (approval == null) {
      return new UnknownApproval(approvalId);
    }
    if (approval.outcome() != Outcome.OPEN) {
      return new ApprovalClosed(approvalId, approval.outcome().name().toLowerCase(Locale.ROOT));
    }
    if (!at.isBefore(approval.request().expiresAt())) {
      return new ApprovalClosed(approvalId, "past its time");
    }
    if (by.equals(approval.request().requestedBy())) {
      return new OwnRequest(by);
    }
    return approval.isEntitled(by, roles)
        ? null
        : new NotEntitled(by, approval.request().people(), approval.request().roles());
  }
}

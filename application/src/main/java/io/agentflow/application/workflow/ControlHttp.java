package io.agentflow.application.workflow;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.workflow.RunCommand;
import io.agentflow.domain.workflow.RunCommand.CancelWorkflow;
import io.agentflow.domain.workflow.RunCommand.DelegateApproval;
import io.agentflow.domain.workflow.RunCommand.DenyApproval;
import io.agentflow.domain.workflow.RunCommand.GrantApproval;
import io.agentflow.domain.workflow.RunCommand.PauseWorkflow;
import io.agentflow.domain.workflow.RunCommand.ResumeWorkflow;
import io.agentflow.domain.workflow.RunCommand.SendSignal;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What people tell a workflow on its way: wait, go on, stop; and what they decide for it. */
@RestController
@RequestMapping("/v1/workflows/{workflowId}")
class ControlHttp {

  private final Commands commands;
  private final Clock clock;

  ControlHttp(Commands commands, Clock clock) {
    this.commands = commands;
    this.clock = clock;
  }

  record ReasonRequest(String reason) {}

  record SignalRequest(@Nullable String signalId, String name, @Nullable String payload) {}

  record GrantRequest(String digest) {}

  record DelegateRequest(String to) {}

  /** Pauses a workflow: no more of its steps are handed out. */
  @PostMapping("/pause")
  ResponseEntity<CommandAnswer> pause(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody ReasonRequest request) {
    return change(caller, new PauseWorkflow(new WorkflowId(workflowId), request.reason()));
  }

  /** Resumes a paused workflow. */
  @PostMapping("/resume")
  ResponseEntity<CommandAnswer> resume(
      @RequestAttribute Caller caller, @PathVariable String workflowId) {
    return change(caller, new ResumeWorkflow(new WorkflowId(workflowId), clock.instant()));
  }

  /** Cancels a workflow. What can be undone is undone first, in reverse order. */
  @PostMapping("/cancel")
  ResponseEntity<CommandAnswer> cancel(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody ReasonRequest request) {
    return change(
        caller, new CancelWorkflow(new WorkflowId(workflowId), request.reason(), clock.instant()));
  }

  /** Sends a signal, for which a step may wait. Under the same id it may be sent again. */
  @PostMapping("/signals")
  ResponseEntity<CommandAnswer> sendSignal(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody SignalRequest request) {
    return change(
        caller,
        new SendSignal(
            new WorkflowId(workflowId),
            Commands.idOr(request.signalId()),
            request.name(),
            request.payload() == null ? "" : request.payload(),
            clock.instant()));
  }

  /** Approves what is asked for, by its digest. Who asked for it may not. */
  @PostMapping("/approvals/{approvalId}/grant")
  ResponseEntity<CommandAnswer> grant(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String approvalId,
      @RequestBody GrantRequest request) {
    return change(
        caller,
        new GrantApproval(
            new WorkflowId(workflowId),
            approvalId,
            caller.actor(),
            caller.roles(),
            request.digest(),
            clock.instant()));
  }

  /** Denies what is asked for. */
  @PostMapping("/approvals/{approvalId}/deny")
  ResponseEntity<CommandAnswer> deny(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String approvalId,
      @RequestBody ReasonRequest request) {
    return change(
        caller,
        new DenyApproval(
            new WorkflowId(workflowId),
            approvalId,
            caller.actor(),
            caller.roles(),
            request.reason(),
            clock.instant()));
  }

  /** Has somebody else decide in the place of whoever calls. */
  @PostMapping("/approvals/{approvalId}/delegate")
  ResponseEntity<CommandAnswer> delegate(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String approvalId,
      @RequestBody DelegateRequest request) {
    return change(
        caller,
        new DelegateApproval(
            new WorkflowId(workflowId),
            approvalId,
            caller.actor(),
            caller.roles(),
            request.to(),
            clock.instant()));
  }

  private ResponseEntity<CommandAnswer> change(Caller caller, RunCommand command) {
    return commands.change(caller, command.workflowId().value(), command);
  }
}

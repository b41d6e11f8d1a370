package io.agentflow.application.workflow;

import io.agentflow.application.access.LeasedRequest;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.workflow.Role;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowCommand.CompleteWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.FailWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolCall;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolResult;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
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

/** A workflow's commands over HTTP. */
@RestController
@RequestMapping("/v1/workflows")
class WorkflowHttp {

  private final Commands commands;
  private final Clock clock;

  WorkflowHttp(Commands commands, Clock clock) {
    this.commands = commands;
    this.clock = clock;
  }

  record MessageRequest(
      String messageId,
      String role,
      String from,
      String to,
      String content,
      long tokens,
      long microDollars,
      @Nullable String leaseToken)
      implements LeasedRequest.OfOne {}

  record ToolCallRequest(
      String callId,
      String agentId,
      String tool,
      String arguments,
      long tokens,
      long microDollars,
      @Nullable String leaseToken)
      implements LeasedRequest.OfOne {}

  record ToolResultRequest(
      String callId, String result, long tokens, long microDollars, @Nullable String leaseToken)
      implements LeasedRequest.OfOne {}

  record CompleteRequest(String result) {}

  record FailRequest(String reason) {}

  /** Creates a workflow. Under the id that the client brings, it may be asked again. */
  @PostMapping
  ResponseEntity<CommandAnswer> create(
      @RequestAttribute Caller caller, @RequestBody CreateRequest request) {
    CreateWorkflow create = request.command();
    return commands.create(caller, create.workflowId().value(), create);
  }

  /** Starts a workflow; with a plan, its first steps become ready. */
  @PostMapping("/{workflowId}/start")
  ResponseEntity<CommandAnswer> start(
      @RequestAttribute Caller caller, @PathVariable String workflowId) {
    return change(caller, new StartWorkflow(new WorkflowId(workflowId), clock.instant()));
  }

  /** Records a message. Under the same id it may be recorded again. */
  @PostMapping("/{workflowId}/messages")
  ResponseEntity<CommandAnswer> recordMessage(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody MessageRequest request) {
    return change(
        caller,
        new RecordMessage(
            new WorkflowId(workflowId),
            request.messageId(),
            Role.of(request.role()),
            request.from(),
            request.to(),
            request.content(),
            Spend.of(request.tokens(), request.microDollars()),
            request.leaseToken()));
  }

  /** Records that a tool was called. Under the same id it may be recorded again. */
  @PostMapping("/{workflowId}/tool-calls")
  ResponseEntity<CommandAnswer> recordToolCall(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody ToolCallRequest request) {
    return change(
        caller,
        new RecordToolCall(
            new WorkflowId(workflowId),
            request.callId(),
            new AgentId(request.agentId()),
            request.tool(),
            request.arguments(),
            Spend.of(request.tokens(), request.microDollars()),
            request.leaseToken()));
  }

  /** Records what a tool answered. With the same result it may be recorded again. */
  @PostMapping("/{workflowId}/tool-results")
  ResponseEntity<CommandAnswer> recordToolResult(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody ToolResultRequest request) {
    return change(
        caller,
        new RecordToolResult(
            new WorkflowId(workflowId),
            request.callId(),
            request.result(),
            Spend.of(request.tokens(), request.microDollars()),
            request.leaseToken()));
  }

  /** Completes a workflow that has no plan. */
  @PostMapping("/{workflowId}/complete")
  ResponseEntity<CommandAnswer> complete(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody CompleteRequest request) {
    return change(caller, new CompleteWorkflow(new WorkflowId(workflowId), request.result()));
  }

  /** Fails a workflow that has no plan. */
  @PostMapping("/{workflowId}/fail")
  ResponseEntity<CommandAnswer> fail(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody FailRequest request) {
    return change(caller, new FailWorkflow(new WorkflowId(workflowId), request.reason()));
  }

  private ResponseEntity<CommandAnswer> change(Caller caller, WorkflowCommand command) {
    return commands.change(caller, command.workflowId().value(), command);
  }
}

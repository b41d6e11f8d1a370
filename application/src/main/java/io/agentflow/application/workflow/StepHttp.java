package io.agentflow.application.workflow;

import io.agentflow.application.access.LeasedRequest;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.Spend;
import io.agentflow.domain.workflow.RunCommand;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.GiveBackStep;
import io.agentflow.domain.workflow.RunCommand.ReportProgress;
import io.agentflow.domain.workflow.RunCommand.RetryStep;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Clock;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What workers answer about a step, and the wish to try one again. */
@RestController
@RequestMapping("/v1/workflows/{workflowId}/steps/{stepId}")
class StepHttp {

  private final Commands commands;
  private final Clock clock;

  StepHttp(Commands commands, Clock clock) {
    this.commands = commands;
    this.clock = clock;
  }

  record CompleteRequest(String leaseToken, String result, long tokens, long microDollars)
      implements LeasedRequest.OfOne {}

  record FailRequest(
      String leaseToken, String reason, boolean retryable, long tokens, long microDollars)
      implements LeasedRequest.OfOne {}

  record GiveBackRequest(String leaseToken, long tokens, long microDollars)
      implements LeasedRequest.OfOne {}

  record ProgressRequest(String leaseToken, String note, int percent)
      implements LeasedRequest.OfOne {}

  /** Completes a step by its result, under the lease on it. */
  @PostMapping("/complete")
  ResponseEntity<CommandAnswer> complete(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String stepId,
      @RequestBody CompleteRequest request) {
    return change(
        caller,
        new CompleteStep(
            new WorkflowId(workflowId),
            stepId,
            request.leaseToken(),
            request.result(),
            Spend.of(request.tokens(), request.microDollars()),
            clock.instant()));
  }

  /**
   * Fails an attempt at a step, under the lease on it. It is tried again if the plan says so and
   * the failure is retryable.
   */
  @PostMapping("/fail")
  ResponseEntity<CommandAnswer> fail(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String stepId,
      @RequestBody FailRequest request) {
    return change(
        caller,
        new FailStep(
            new WorkflowId(workflowId),
            stepId,
            request.leaseToken(),
            request.reason(),
            request.retryable(),
            Spend.of(request.tokens(), request.microDollars()),
            clock.instant()));
  }

  /**
   * Gives a step back undone, so that another may have it; the attempt does not count as a failure.
   */
  @PostMapping("/give-back")
  ResponseEntity<CommandAnswer> giveBackStep(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String stepId,
      @RequestBody GiveBackRequest request) {
    return change(
        caller,
        new GiveBackStep(
            new WorkflowId(workflowId),
            stepId,
            request.leaseToken(),
            Spend.of(request.tokens(), request.microDollars()),
            clock.instant()));
  }

  /** Reports how far a step is. */
  @PostMapping("/progress")
  ResponseEntity<CommandAnswer> reportProgress(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String stepId,
      @RequestBody ProgressRequest request) {
    return change(
        caller,
        new ReportProgress(
            new WorkflowId(workflowId),
            stepId,
            request.leaseToken(),
            request.note(),
            request.percent()));
  }

  /** Tries a failed step again, whatever its plan says. */
  @PostMapping("/retry")
  ResponseEntity<CommandAnswer> retry(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String stepId) {
    return change(caller, new RetryStep(new WorkflowId(workflowId), stepId, clock.instant()));
  }

  private ResponseEntity<CommandAnswer> change(Caller caller, RunCommand command) {
    return commands.change(caller, command.workflowId().value(), command);
  }
}

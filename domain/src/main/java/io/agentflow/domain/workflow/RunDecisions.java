package io.agentflow.domain.workflow;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.RunCommand.AnswerStep;
import io.agentflow.domain.workflow.RunCommand.AskBudgetAgain;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.AwaitBudget;
import io.agentflow.domain.workflow.RunCommand.CancelWorkflow;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.DelegateApproval;
import io.agentflow.domain.workflow.RunCommand.DenyApproval;
import io.agentflow.domain.workflow.RunCommand.EndBackoff;
import io.agentflow.domain.workflow.RunCommand.EndWait;
import io.agentflow.domain.workflow.RunCommand.ExpireApproval;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.GiveBackStep;
import io.agentflow.domain.workflow.RunCommand.GrantApproval;
import io.agentflow.domain.workflow.RunCommand.LoseLease;
import io.agentflow.domain.workflow.RunCommand.PauseWorkflow;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunCommand.RemindApproval;
import io.agentflow.domain.workflow.RunCommand.ReportProgress;
import io.agentflow.domain.workflow.RunCommand.ResumeWorkflow;
import io.agentflow.domain.workflow.RunCommand.RetryStep;
import io.agentflow.domain.workflow.RunCommand.ReuseResults;
import io.agentflow.domain.workflow.RunCommand.SendSignal;
import io.agentflow.domain.workflow.RunCommand.TakeNext;
import io.agentflow.domain.workflow.RunCommand.TimeOutStep;
import io.agentflow.domain.workflow.RunCommand.TimeOutWorkflow;
import io.agentflow.domain.workflow.RunEvent.SignalReceived;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.Workflow.Absent;
import io.agentflow.domain.workflow.Workflow.Created;
import io.agentflow.domain.workflow.Workflow.Finished;
import io.agentflow.domain.workflow.Workflow.Running;
import io.agentflow.domain.workflow.WorkflowRejection.NoPlan;
import io.agentflow.domain.workflow.WorkflowRejection.StepNotInPhase;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownStep;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownWorkflow;
import io.agentflow.domain.workflow.WorkflowRejection.WrongPhase;
import java.time.Instant;
import java.util.List;

/** What happens when something is asked of a workflow that has a plan, or is to get one. */
final class RunDecisions {

  /** For what unfolds without setting any time. */
  private static final Instant NOTHING_IS_DUE = Instant.EPOCH;

  private RunDecisions() {}

  static Decision<WorkflowEvent, WorkflowRejection> decide(RunCommand command, Workflow workflow) {
    if (workflow instanceof Absent) {
      return Decision.reject(new UnknownWorkflow(command.workflowId().value()));
    }
    return switch (command) {
      case ProposePlan propose -> PlanDecisions.propose(propose, workflow);
      case ReuseResults reuse -> PlanDecisions.reuse(reuse, workflow);
      case AssignStep assign -> StepDecisions.assign(assign, workflow);
      case AnswerStep answer ->
          Workflow.decideInTurn(List.of(answer.answer(), answer.next()), workflow);
      case TakeNext next -> StepDecisions.takeNext(next, workflow);
      case ReportProgress progress -> StepDecisions.progress(progress, workflow);
      case CompleteStep complete -> StepDecisions.complete(complete, workflow);
      case FailStep fail -> StepDecisions.fail(fail, workflow);
      case GiveBackStep back -> StepDecisions.giveBack(back, workflow);
      case LoseLease lose -> StepDecisions.lose(lose, workflow);
      case TimeOutStep timeOut -> StepDecisions.timeOut(timeOut, workflow);
      case EndBackoff end -> StepDecisions.endBackoff(end, workflow);
      case EndWait end -> StepDecisions.endWait(end, workflow);
      case TimeOutWorkflow timeOut -> timeOut(timeOut, workflow);
      case SendSignal signal -> signal(signal, workflow);
      case PauseWorkflow pause -> pause(pause, workflow);
      case ResumeWorkflow resume -> resume(resume, workflow);
      case AwaitBudget await -> awaitBudget(await, workflow);
      case AskBudgetAgain ask -> askBudgetAgain(ask, workflow);
      case CancelWorkflow cancel -> cancel(cancel, workflow);
      case RetryStep retry -> retry(retry, workflow);
      case GrantApproval grant -> ApprovalDecisions.grant(grant, workflow);
      case DenyApproval deny -> ApprovalDecisions.deny(deny, workflow);
      case DelegateApproval delegate -> ApprovalDecisions.delegate(delegate, workflow);
      case ExpireApproval expire -> ApprovalDecisions.expire(expire, workflow);
      case RemindApproval remind -> ApprovalDecisions.remind(remind, workflow);
    };
  }

  private static Decision<WorkflowEvent, WorkflowRejection> timeOut(
      TimeOutWorkflow command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (!(workflow instanceof Running)
        || run.current() == null
        || run.current().timeoutMillis() == 0
        || run.ending() != null
        || !StepDecisions.isDue(run.deadline(), command.at())) {
      return Decision.alreadySo();
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    unfolding.end(false, "the workflow took longer than its time", true);
    return unfolding.accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> signal(
      SendSignal command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    Fingerprint before = run.signalIds().get(command.signalId());
    if (before != null) {
      return before.equals(Fingerprint.of(command.name(), command.payload()))
          ? Decision.alreadySo()
          : Decision.reject(new WorkflowRejection.SignalDiffers(command.signalId()));
    }
    if (workflow instanceof Finished) {
      return wrongPhase("signal", workflow, "created or running");
    }
    Unfolding unfolding =
        new Unfolding(workflow, command.at())
            .then(
                new SignalReceived(
                    command.workflowId().value(),
                    command.signalId(),
                    command.name(),
                    command.payload()));
    for (PlanStep step : run.planned(waiting -> waiting.phase() == Phase.TIMED)) {
      if (command.name().equals(step.signal())) {
        unfolding.done(step.stepId(), command.payload());
      }
    }
    return unfolding.advance().accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> pause(
      PauseWorkflow command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (!(workflow instanceof Running) || run.current() == null || run.ending() != null) {
      return wrongPhase("pause", workflow, "running by a plan");
    }
    if (new PlanRun.Pause(command.reason(), null).equals(run.pause())) {
      return Decision.alreadySo();
    }
    Unfolding unfolding = new Unfolding(workflow, NOTHING_IS_DUE);
    // Who does not want to go on keeps no place among those that wait for the budget.
    run.planned(step -> step.phase() == Phase.UNFUNDED).forEach(unfolding::cancel);
    return unfolding
        .then(new WorkflowPaused(command.workflowId().value(), command.reason(), null))
        .accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> awaitBudget(
      AwaitBudget command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    Step step = run.step(command.stepId());
    if (!(workflow instanceof Running running)
        || !command.budgetId().equals(running.description().budgetId())
        || step.phase() != Phase.READY
        || step.compensation()
        || step.attempt() != command.attempt()) {
      return Decision.alreadySo();
    }
    Unfolding unfolding = new Unfolding(workflow, NOTHING_IS_DUE);
    String workflowId = command.workflowId().value();
    if (run.pause() != null && run.pause().budgetId() == null) {
      run.plannedAs(command.stepId()).forEach(unfolding::cancel);
      return unfolding.accepted();
    }
    unfolding.then(
        new StepUnfunded(workflowId, command.stepId(), command.attempt(), command.budgetId()));
    if (run.pause() == null) {
      unfolding.then(new WorkflowPaused(workflowId, command.reason(), command.budgetId()));
    }
    return unfolding.accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> askBudgetAgain(
      AskBudgetAgain command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    boolean waits =
        run.pause() != null
            && command.budgetId().equals(run.pause().budgetId())
            && command.refused().stream()
                .anyMatch(refused -> run.step(refused.stepId()).isUnfunded(refused.attempt()));
    return waits ? goOn(command, workflow, command.at()) : Decision.alreadySo();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> resume(
      ResumeWorkflow command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (workflow instanceof Created || run.current() == null) {
      return wrongPhase("resume", workflow, "paused");
    }
    return run.pause() == null || workflow instanceof Finished
        ? Decision.alreadySo()
        : goOn(command, workflow, command.at());
  }

  /** What was ready is announced again, to whoever hands it out; what was refused, anew. */
  private static Decision<WorkflowEvent, WorkflowRejection> goOn(
      RunCommand command, Workflow workflow, Instant at) {
    Unfolding unfolding =
        new Unfolding(workflow, at).then(new WorkflowResumed(command.workflowId().value()));
    Workflow.runOf(workflow)
        .planned(
            step ->
                step.phase() == Phase.READY
                    || step.phase() == Phase.UNFUNDED
                    || (step.phase() == Phase.BACKING_OFF && StepDecisions.isDue(step.dueAt(), at)))
        .forEach(unfolding::announce);
    return unfolding.advance().accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> cancel(
      CancelWorkflow command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    boolean cancelled =
        workflow instanceof Finished finished && finished.end() == Workflow.End.CANCELLED;
    if (cancelled || (run.ending() != null && run.ending().cancelled())) {
      return Decision.alreadySo();
    }
    if (workflow instanceof Finished || run.ending() != null) {
      return wrongPhase("cancel", workflow, "created or running");
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    unfolding.end(true, command.reason(), true);
    return unfolding.accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> retry(
      RetryStep command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (run.current() == null) {
      return Decision.reject(new NoPlan());
    }
    PlanStep planned = run.current().plan().step(command.stepId()).orElse(null);
    if (planned == null) {
      return Decision.reject(new UnknownStep(command.stepId()));
    }
    Step step = run.step(command.stepId());
    if (workflow instanceof Running && step.isOpen()) {
      return Decision.alreadySo();
    }
    if (!(workflow instanceof Finished finished)
        || finished.end() != Workflow.End.FAILED
        || step.phase() != Phase.FAILED
        || run.ending() != null) {
      return Decision.reject(
          new StepNotInPhase(
              command.stepId(),
              step.standing(),
              "what the workflow failed by, with nothing undone since"));
    }
    Unfolding unfolding =
        new Unfolding(workflow, command.at())
            .then(new WorkflowReopened(command.workflowId().value(), command.stepId()));
    unfolding.setDeadline();
    unfolding.begin(planned);
    return unfolding.advance().accepted();
  }

  static Decision<WorkflowEvent, WorkflowRejection> wrongPhase(
      String attempted, Workflow workflow, String wanted) {
    return Decision.reject(new WrongPhase(attempted, workflow.phase(), wanted));
  }
}

package io.agentflow.domain.workflow;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.AutonomyMode.Ruling;
import io.agentflow.domain.planning.AutonomyMode.Verdict;
import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.PlanRun.Version;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.EndBackoff;
import io.agentflow.domain.workflow.RunCommand.EndWait;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.GiveBackStep;
import io.agentflow.domain.workflow.RunCommand.LoseLease;
import io.agentflow.domain.workflow.RunCommand.ReportProgress;
import io.agentflow.domain.workflow.RunCommand.TakeNext;
import io.agentflow.domain.workflow.RunCommand.TimeOutStep;
import io.agentflow.domain.workflow.RunEvent.FailureCause;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepProgressed;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.Workflow.Running;
import io.agentflow.domain.workflow.WorkflowRejection.LeaseLost;
import io.agentflow.domain.workflow.WorkflowRejection.ModeForbids;
import io.agentflow.domain.workflow.WorkflowRejection.NoPlan;
import io.agentflow.domain.workflow.WorkflowRejection.NotReserved;
import io.agentflow.domain.workflow.WorkflowRejection.StepNotInPhase;
import io.agentflow.domain.workflow.WorkflowRejection.TotalTooLarge;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownStep;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What happens when a step is handed out, answered by who carries it out, or due. */
final class StepDecisions {

  private StepDecisions() {}

  static Decision<WorkflowEvent, WorkflowRejection> assign(AssignStep command, Workflow workflow) {
    if (!(workflow instanceof Running running)) {
      return RunDecisions.wrongPhase("hand out a step of", workflow, "running");
    }
    PlanRun run = running.run();
    Version current = run.current();
    if (current == null) {
      return Decision.reject(new NoPlan());
    }
    PlanStep planned = current.plan().step(command.stepId()).orElse(null);
    if (planned == null) {
      return Decision.reject(new UnknownStep(command.stepId()));
    }
    Step step = run.step(command.stepId());
    if (command.leaseToken().equals(step.leaseToken())) {
      return Decision.alreadySo();
    }
    if (run.pause() != null && !run.pause().allowsReserved()) {
      return RunDecisions.wrongPhase("hand out a step of", workflow, "running");
    }
    if (step.phase() != Phase.READY || step.attempt() != command.attempt()) {
      return Decision.reject(
          new StepNotInPhase(
              command.stepId(), step.standing(), "ready, attempt " + command.attempt()));
    }
    if (planned.agentId() != null
        && !step.compensation()
        && !planned.agentId().equals(command.agentId().value())) {
      return Decision.reject(
          new StepNotInPhase(
              command.stepId(),
              "for agent " + planned.agentId(),
              "for agent " + command.agentId().value()));
    }
    if (run.answers().containsKey(command.leaseToken()) || holds(workflow, command.leaseToken())) {
      return Decision.reject(new LeaseLost("step " + command.stepId()));
    }
    if (running.description().budgetId() != null
        && !step.compensation()
        && !new StepReservation(command.workflowId().value(), command.stepId(), command.attempt())
            .reservationId()
            .equals(command.reservationId())) {
      return Decision.reject(new NotReserved(command.stepId()));
    }
    AutonomyMode mode = current.autonomy().orStricter(command.agentMode());
    Verdict verdict = step.judge(mode, planned);
    if (verdict.ruling() == Ruling.REFUSE) {
      return Decision.reject(new ModeForbids(verdict.rule()));
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    if (verdict.ruling() == Ruling.ASK) {
      // The attempt ends: what it has reserved is not kept while people think.
      unfolding.cancel(planned);
      unfolding.ask(planned);
      return unfolding.accepted();
    }
    long timeoutMillis =
        planned.timeoutMillis() > 0 ? planned.timeoutMillis() : command.timeoutMillisDefault();
    return unfolding
        .then(
            new StepAssigned(
                command.workflowId().value(),
                command.stepId(),
                command.attempt(),
                command.agentId().value(),
                command.leaseToken(),
                command.at().plusMillis(command.leaseMillis()),
                timeoutMillis > 0 ? command.at().plusMillis(timeoutMillis) : null,
                mode,
                planned.risk(),
                verdict.rule()))
        .accepted();
  }

  /**
   * A step with a budget is left to the queue: its estimate has to be reserved first, and a refusal
   * says so. So is one about which people have to be asked.
   */
  static Decision<WorkflowEvent, WorkflowRejection> takeNext(TakeNext command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (holds(workflow, command.leaseToken()) || run.answers().containsKey(command.leaseToken())) {
      return Decision.alreadySo();
    }
    for (PlanStep planned : run.planned(step -> step.phase() == Phase.READY)) {
      Step step = run.step(planned.stepId());
      if (suits(command, planned, step, run)
          && assign(assignment(command, planned, step), workflow)
              instanceof Accepted<WorkflowEvent, WorkflowRejection> assigned) {
        return assigned;
      }
    }
    return Decision.alreadySo();
  }

  private static boolean suits(TakeNext command, PlanStep planned, Step step, PlanRun run) {
    Compensation undoing = step.compensation() ? planned.compensation() : null;
    if (undoing != null) {
      return command.abilities().suffice(null, undoing.tool());
    }
    Version current = run.current();
    return current != null
        && command.abilities().suffice(planned.capability(), planned.tool())
        && step.judge(current.autonomy().orStricter(command.abilities().autonomy()), planned)
                .ruling()
            == Ruling.RUN;
  }

  private static AssignStep assignment(TakeNext command, PlanStep planned, Step step) {
    return new AssignStep(
        command.workflowId(),
        planned.stepId(),
        step.attempt(),
        command.agentId(),
        command.abilities().autonomy(),
        null,
        command.leaseToken(),
        command.leaseMillis(),
        command.timeoutMillisDefault(),
        command.at());
  }

  /** Whether the lease is held, on which the answer relies. */
  private static boolean holds(Workflow workflow, String stepId, String leaseToken) {
    return workflow instanceof Running running
        && running.run().step(stepId).phase() == Phase.ASSIGNED
        && leaseToken.equals(running.run().step(stepId).leaseToken());
  }

  /** Whether any step is held under this lease. */
  static boolean holds(Workflow workflow, String leaseToken) {
    return !Workflow.runOf(workflow)
        .planned(step -> leaseToken.equals(step.leaseToken()))
        .isEmpty();
  }

  static Decision<WorkflowEvent, WorkflowRejection> progress(
      ReportProgress command, Workflow workflow) {
    if (!holds(workflow, command.stepId(), command.leaseToken())) {
      return Decision.reject(new LeaseLost("step " + command.stepId()));
    }
    Step step = Workflow.runOf(workflow).step(command.stepId());
    if (StepAnswer.fingerprint(command).equals(step.progress())) {
      return Decision.alreadySo();
    }
    return Decision.accept(
        new StepProgressed(
            command.workflowId().value(),
            command.stepId(),
            step.attempt(),
            command.note(),
            command.percent()));
  }

  static Decision<WorkflowEvent, WorkflowRejection> complete(
      CompleteStep command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    Fingerprint answer = StepAnswer.fingerprint(command);
    if (answer.equals(run.answers().get(command.leaseToken()))) {
      return Decision.alreadySo();
    }
    if (!holds(workflow, command.stepId(), command.leaseToken())) {
      return Decision.reject(new LeaseLost("step " + command.stepId()));
    }
    Step step = run.step(command.stepId());
    Spend total = Workflow.progressOf(workflow).total().plus(command.used());
    if (total.isTooLargeForJson()) {
      return Decision.reject(new TotalTooLarge());
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    String id = command.workflowId().value();
    if (step.compensation()) {
      unfolding
          .then(
              new StepCompensated(
                  id,
                  command.stepId(),
                  step.attempt(),
                  command.leaseToken(),
                  command.result(),
                  null,
                  command.used().tokens(),
                  command.used().microDollars(),
                  total.tokens(),
                  total.microDollars()))
          .undoNext();
    } else {
      unfolding
          .then(
              new StepCompleted(
                  id,
                  command.stepId(),
                  step.attempt(),
                  command.leaseToken(),
                  command.result(),
                  unfolding.reservedOn(step),
                  command.used().tokens(),
                  command.used().microDollars(),
                  total.tokens(),
                  total.microDollars()))
          .advance();
    }
    return unfolding.accepted();
  }

  static Decision<WorkflowEvent, WorkflowRejection> fail(FailStep command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (StepAnswer.fingerprint(command).equals(run.answers().get(command.leaseToken()))) {
      return Decision.alreadySo();
    }
    if (!holds(workflow, command.stepId(), command.leaseToken())) {
      return Decision.reject(new LeaseLost("step " + command.stepId()));
    }
    if (Workflow.progressOf(workflow).total().plus(command.used()).isTooLargeForJson()) {
      return Decision.reject(new TotalTooLarge());
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    unfolding.failed(
        command.stepId(),
        FailureCause.REPORTED,
        command.leaseToken(),
        command.reason(),
        command.retryable(),
        command.used());
    return unfolding.accepted();
  }

  /** Counts like a lost lease: nothing was wrong with the step. */
  static Decision<WorkflowEvent, WorkflowRejection> giveBack(
      GiveBackStep command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (StepAnswer.fingerprint(command).equals(run.answers().get(command.leaseToken()))) {
      return Decision.alreadySo();
    }
    if (!holds(workflow, command.stepId(), command.leaseToken())) {
      return Decision.reject(new LeaseLost("step " + command.stepId()));
    }
    if (Workflow.progressOf(workflow).total().plus(command.used()).isTooLargeForJson()) {
      return Decision.reject(new TotalTooLarge());
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    unfolding.failed(
        command.stepId(),
        FailureCause.LEASE_LOST,
        command.leaseToken(),
        GiveBackStep.REASON,
        true,
        command.used());
    return unfolding.accepted();
  }

  /** A timer says that the lease has run out; by then it may long have been answered. */
  static Decision<WorkflowEvent, WorkflowRejection> lose(LoseLease command, Workflow workflow) {
    return holds(workflow, command.stepId(), command.leaseToken())
        ? broken(
            command.stepId(),
            command.leaseToken(),
            FailureCause.LEASE_LOST,
            "its worker was not heard of any more",
            new Unfolding(workflow, command.at()))
        : Decision.alreadySo();
  }

  static Decision<WorkflowEvent, WorkflowRejection> timeOut(
      TimeOutStep command, Workflow workflow) {
    Instant due = Workflow.runOf(workflow).step(command.stepId()).dueAt();
    return holds(workflow, command.stepId(), command.leaseToken()) && isDue(due, command.at())
        ? broken(
            command.stepId(),
            command.leaseToken(),
            FailureCause.TIMED_OUT,
            "it took longer than its time",
            new Unfolding(workflow, command.at()))
        : Decision.alreadySo();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> broken(
      String stepId, String leaseToken, FailureCause cause, String reason, Unfolding unfolding) {
    unfolding.failed(stepId, cause, leaseToken, reason, true, Spend.NONE);
    return unfolding.accepted();
  }

  /** Nothing is due that has no time. */
  static boolean isDue(@Nullable Instant due, Instant at) {
    return due != null && !at.isBefore(due);
  }

  static Decision<WorkflowEvent, WorkflowRejection> endBackoff(
      EndBackoff command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    Step step = run.step(command.stepId());
    if (!(workflow instanceof Running)
        || run.pause() != null
        || step.phase() != Phase.BACKING_OFF
        || step.attempt() + 1 != command.attempt()
        || !isDue(step.dueAt(), command.at())) {
      return Decision.alreadySo();
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    run.plannedAs(command.stepId()).forEach(unfolding::announce);
    return unfolding.accepted();
  }

  static Decision<WorkflowEvent, WorkflowRejection> endWait(EndWait command, Workflow workflow) {
    Step step = Workflow.runOf(workflow).step(command.stepId());
    if (!(workflow instanceof Running)
        || step.phase() != Phase.TIMED
        || !isDue(step.dueAt(), command.at())) {
      return Decision.alreadySo();
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    unfolding.done(command.stepId(), "");
    return unfolding.advance().accepted();
  }
}

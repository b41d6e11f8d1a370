package io.agentflow.domain.workflow;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.AutonomyMode.Ruling;
import io.agentflow.domain.planning.AutonomyMode.Verdict;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanCheck;
import io.agentflow.domain.planning.PlanFault;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.PlanRun.Version;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.CancelWorkflow;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.DelegateApproval;
import io.agentflow.domain.workflow.RunCommand.DenyApproval;
import io.agentflow.domain.workflow.RunCommand.EndBackoff;
import io.agentflow.domain.workflow.RunCommand.EndWait;
import io.agentflow.domain.workflow.RunCommand.ExpireApproval;
import io.agentflow.domain.workflow.RunCommand.FailStep;
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
import io.agentflow.domain.workflow.RunCommand.TimeOutStep;
import io.agentflow.domain.workflow.RunCommand.TimeOutWorkflow;
import io.agentflow.domain.workflow.RunEvent.DeadlineSet;
import io.agentflow.domain.workflow.RunEvent.FailureCause;
import io.agentflow.domain.workflow.RunEvent.PlanApproved;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.RestartedFrom;
import io.agentflow.domain.workflow.RunEvent.SignalReceived;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepProgressed;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.Workflow.Absent;
import io.agentflow.domain.workflow.Workflow.Created;
import io.agentflow.domain.workflow.Workflow.Finished;
import io.agentflow.domain.workflow.Workflow.Running;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.domain.workflow.WorkflowRejection.LeaseLost;
import io.agentflow.domain.workflow.WorkflowRejection.ModeForbids;
import io.agentflow.domain.workflow.WorkflowRejection.NoPlan;
import io.agentflow.domain.workflow.WorkflowRejection.NotReserved;
import io.agentflow.domain.workflow.WorkflowRejection.PlanDropsWork;
import io.agentflow.domain.workflow.WorkflowRejection.PlanHasFaults;
import io.agentflow.domain.workflow.WorkflowRejection.PlanNotApproved;
import io.agentflow.domain.workflow.WorkflowRejection.ResultsDiffer;
import io.agentflow.domain.workflow.WorkflowRejection.StepNotInPhase;
import io.agentflow.domain.workflow.WorkflowRejection.TotalTooLarge;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownStep;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownWorkflow;
import io.agentflow.domain.workflow.WorkflowRejection.WrongPhase;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What happens when something is asked of a workflow's plan, or answered by who carries it out. */
final class RunDecisions {

  private RunDecisions() {}

  static Decision<WorkflowEvent, WorkflowRejection> decide(RunCommand command, Workflow workflow) {
    if (workflow instanceof Absent) {
      return Decision.reject(new UnknownWorkflow(command.workflowId().value()));
    }
    return switch (command) {
      case ProposePlan propose -> propose(propose, workflow);
      case ReuseResults reuse -> reuse(reuse, workflow);
      case AssignStep assign -> assign(assign, workflow);
      case ReportProgress progress -> progress(progress, workflow);
      case CompleteStep complete -> complete(complete, workflow);
      case FailStep fail -> fail(fail, workflow);
      case LoseLease lose ->
          broken(
              lose.stepId(),
              lose.leaseToken(),
              FailureCause.LEASE_LOST,
              "its worker was not heard of any more",
              workflow,
              lose.at());
      case TimeOutStep timeOut ->
          broken(
              timeOut.stepId(),
              timeOut.leaseToken(),
              FailureCause.TIMED_OUT,
              "it took longer than its time",
              workflow,
              timeOut.at());
      case EndBackoff end -> endBackoff(end, workflow);
      case EndWait end -> endWait(end, workflow);
      case TimeOutWorkflow timeOut -> timeOut(timeOut, workflow);
      case SendSignal signal -> signal(signal, workflow);
      case PauseWorkflow pause -> pause(pause, workflow);
      case ResumeWorkflow resume -> resume(resume, workflow);
      case CancelWorkflow cancel -> cancel(cancel, workflow);
      case RetryStep retry -> retry(retry, workflow);
      case GrantApproval grant -> ApprovalDecisions.grant(grant, workflow);
      case DenyApproval deny -> ApprovalDecisions.deny(deny, workflow);
      case DelegateApproval delegate -> ApprovalDecisions.delegate(delegate, workflow);
      case ExpireApproval expire -> ApprovalDecisions.expire(expire, workflow);
      case RemindApproval remind -> ApprovalDecisions.remind(remind, workflow);
    };
  }

  private static Decision<WorkflowEvent, WorkflowRejection> propose(
      ProposePlan command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (workflow instanceof Finished || run.ending() != null) {
      return wrongPhase("plan", workflow, "created or running");
    }
    if (workflow instanceof Running && run.current() == null) {
      return wrongPhase("plan", workflow, "created, or running by a plan");
    }
    String digest = command.plan().digest();
    if (isLast(command, digest, run)) {
      return Decision.alreadySo();
    }
    List<PlanFault> faults = PlanCheck.faults(command.plan(), command.facts());
    if (!faults.isEmpty()) {
      return Decision.reject(new PlanHasFaults(faults));
    }
    List<String> dropped = dropped(command.plan(), run);
    if (!dropped.isEmpty()) {
      return Decision.reject(new PlanDropsWork(dropped));
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    Version before = run.proposed();
    if (before != null) {
      unfolding.withdraw("plan.v" + before.number());
    }
    unfolding.then(
        new PlanProposed(
            command.workflowId().value(),
            run.versions() + 1,
            command.plan(),
            digest,
            command.autonomy(),
            command.timeoutMillis(),
            command.by()));
    Version version = unfolding.run().proposed();
    if (version != null && asksForPlan(command.autonomy())) {
      unfolding.askForPlan(version);
    } else if (version != null) {
      approve(unfolding, command.workflowId(), version, command.autonomy() + " approves plans");
    }
    return unfolding.accepted();
  }

  private static boolean asksForPlan(AutonomyMode mode) {
    return mode == AutonomyMode.PLAN_ONLY || mode == AutonomyMode.APPROVE_ALL;
  }

  private static boolean isLast(ProposePlan command, String digest, PlanRun run) {
    Version last = run.proposed() != null ? run.proposed() : run.current();
    return last != null
        && last.rejected() == null
        && last.digest().equals(digest)
        && last.autonomy() == command.autonomy()
        && last.timeoutMillis() == command.timeoutMillis();
  }

  /** Steps that have begun and that the plan does not keep as they are. */
  static List<String> dropped(Plan next, PlanRun run) {
    return run.planned(step -> step.phase() != Phase.WAITING).stream()
        .filter(step -> !next.step(step.stepId()).equals(Optional.of(step)))
        .map(PlanStep::stepId)
        .toList();
  }

  /** The version is what is carried out from now on. */
  static void approve(Unfolding unfolding, WorkflowId id, Version version, String rule) {
    unfolding.askAnew();
    unfolding
        .then(
            new PlanApproved(
                id.value(), version.number(), version.digest(), rule.toLowerCase(Locale.ROOT)))
        .advance();
  }

  /** Starts a workflow that was created; what it has of a plan begins. */
  static Decision<WorkflowEvent, WorkflowRejection> start(StartWorkflow command, Created created) {
    PlanRun run = created.run();
    String id = command.workflowId().value();
    WorkflowStarted started = new WorkflowStarted(id);
    Version proposed = run.proposed();
    if (proposed != null) {
      return Decision.reject(new PlanNotApproved(proposed.number()));
    }
    Version current = run.current();
    if (current == null) {
      return Decision.accept(started);
    }
    if (current.autonomy() == AutonomyMode.PLAN_ONLY) {
      return Decision.reject(new ModeForbids("plan_only runs nothing"));
    }
    Unfolding unfolding = new Unfolding(created, command.at()).then(started);
    if (current.timeoutMillis() > 0) {
      unfolding.then(new DeadlineSet(id, command.at().plusMillis(current.timeoutMillis())));
    }
    return unfolding.advance().accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> reuse(
      ReuseResults command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (run.origin() != null) {
      return run.origin().workflowId().equals(command.originWorkflowId().value())
              && run.origin().fromStepId().equals(command.fromStepId())
              && run.origin().results().equals(Fingerprint.of(command.results()))
          ? Decision.alreadySo()
          : Decision.reject(new ResultsDiffer(run.origin().workflowId()));
    }
    if (!(workflow instanceof Created)) {
      return wrongPhase("take over results into", workflow, "created");
    }
    Version version = run.current() != null ? run.current() : run.proposed();
    if (version == null) {
      return Decision.reject(new NoPlan());
    }
    for (RunEvent.StepResult result : command.results()) {
      if (version.plan().step(result.stepId()).isEmpty()) {
        return Decision.reject(new UnknownStep(result.stepId()));
      }
    }
    return Decision.accept(
        new RestartedFrom(
            command.workflowId().value(),
            command.originWorkflowId().value(),
            command.fromStepId(),
            command.results()));
  }

  private static Decision<WorkflowEvent, WorkflowRejection> assign(
      AssignStep command, Workflow workflow) {
    if (!(workflow instanceof Running running)) {
      return wrongPhase("hand out a step of", workflow, "running");
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
    if (run.pause() != null) {
      return wrongPhase("hand out a step of", workflow, "running");
    }
    if (step.phase() != Phase.READY || step.attempt() != command.attempt()) {
      return Decision.reject(
          new StepNotInPhase(
              command.stepId(), standing(step), "ready, attempt " + command.attempt()));
    }
    if (running.description().budgetId() != null
        && !step.compensation()
        && !reservationId(command.workflowId(), command.stepId(), command.attempt())
            .equals(command.reservationId())) {
      return Decision.reject(new NotReserved(command.stepId()));
    }
    AutonomyMode mode = current.autonomy().orStricter(command.agentMode());
    Verdict verdict = mode.judge(planned);
    boolean settled = step.approved() || step.compensation();
    if (!settled && verdict.ruling() == Ruling.REFUSE) {
      return Decision.reject(new ModeForbids(verdict.rule()));
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    if (!settled && verdict.ruling() == Ruling.ASK) {
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
                step.approved() ? "it was approved" : verdict.rule()))
        .accepted();
  }

  /** The name of what an attempt has reserved. */
  static String reservationId(WorkflowId workflowId, String stepId, int attempt) {
    return workflowId.value() + ":" + stepId + ":" + attempt;
  }

  private static String standing(Step step) {
    return step.phase().name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + (step.phase() == Phase.READY ? ", attempt " + step.attempt() : "");
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

  private static Decision<WorkflowEvent, WorkflowRejection> progress(
      ReportProgress command, Workflow workflow) {
    if (!holds(workflow, command.stepId(), command.leaseToken())) {
      return Decision.reject(new LeaseLost("step " + command.stepId()));
    }
    return Decision.accept(
        new StepProgressed(
            command.workflowId().value(),
            command.stepId(),
            Workflow.runOf(workflow).step(command.stepId()).attempt(),
            command.note(),
            command.percent()));
  }

  private static Decision<WorkflowEvent, WorkflowRejection> complete(
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
                  budgetOf(workflow),
                  command.used().tokens(),
                  command.used().microDollars(),
                  total.tokens(),
                  total.microDollars()))
          .advance();
    }
    return unfolding.accepted();
  }

  private static @Nullable String budgetOf(Workflow workflow) {
    WorkflowEvent.WorkflowCreated description = Workflow.descriptionOf(workflow);
    return description == null ? null : description.budgetId();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> fail(
      FailStep command, Workflow workflow) {
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

  /** A timer says that an attempt is over; by then it may long be over. */
  private static Decision<WorkflowEvent, WorkflowRejection> broken(
      String stepId,
      String leaseToken,
      FailureCause cause,
      String reason,
      Workflow workflow,
      Instant at) {
    if (!holds(workflow, stepId, leaseToken)) {
      return Decision.alreadySo();
    }
    Unfolding unfolding = new Unfolding(workflow, at);
    unfolding.failed(stepId, cause, leaseToken, reason, true, Spend.NONE);
    return unfolding.accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> endBackoff(
      EndBackoff command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    Step step = run.step(command.stepId());
    if (!(workflow instanceof Running)
        || run.pause() != null
        || step.phase() != Phase.BACKING_OFF
        || step.attempt() != command.attempt()
        || isBefore(command.at(), step.dueAt())) {
      return Decision.alreadySo();
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    run.plannedAs(command.stepId()).forEach(unfolding::readyAgain);
    return unfolding.accepted();
  }

  private static boolean isBefore(Instant at, @Nullable Instant due) {
    return due != null && at.isBefore(due);
  }

  private static Decision<WorkflowEvent, WorkflowRejection> endWait(
      EndWait command, Workflow workflow) {
    Step step = Workflow.runOf(workflow).step(command.stepId());
    if (!(workflow instanceof Running)
        || step.phase() != Phase.TIMED
        || step.dueAt() == null
        || command.at().isBefore(step.dueAt())) {
      return Decision.alreadySo();
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    unfolding.done(command.stepId(), "");
    return unfolding.advance().accepted();
  }

  private static Decision<WorkflowEvent, WorkflowRejection> timeOut(
      TimeOutWorkflow command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (!(workflow instanceof Running) || run.current() == null || run.ending() != null) {
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
    PlanRun.Pause before = run.pause();
    // A person's pause outlasts a budget's; a budget's adds nothing to a person's.
    if (before != null
        && (command.budgetId() != null
            || before.equals(new PlanRun.Pause(command.reason(), null)))) {
      return Decision.alreadySo();
    }
    return Decision.accept(
        new WorkflowPaused(command.workflowId().value(), command.reason(), command.budgetId()));
  }

  private static Decision<WorkflowEvent, WorkflowRejection> resume(
      ResumeWorkflow command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (!(workflow instanceof Running) || run.current() == null) {
      return wrongPhase("resume", workflow, "paused");
    }
    PlanRun.Pause pause = run.pause();
    if (pause == null
        || (command.budgetId() != null && !command.budgetId().equals(pause.budgetId()))) {
      return Decision.alreadySo();
    }
    Unfolding unfolding =
        new Unfolding(workflow, command.at())
            .then(new WorkflowResumed(command.workflowId().value()));
    // What was ready is announced again: a budget may have refused it before.
    run.planned(
            step ->
                step.phase() == Phase.READY
                    || (step.phase() == Phase.BACKING_OFF && !isBefore(command.at(), step.dueAt())))
        .forEach(unfolding::readyAgain);
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
    if (workflow instanceof Created) {
      Unfolding unfolding = new Unfolding(workflow, command.at());
      unfolding.end(true, command.reason(), false);
      return unfolding.accepted();
    }
    if (run.current() == null) {
      Spend total = Workflow.progressOf(workflow).total();
      return Decision.accept(
          new WorkflowCancelled(
              command.workflowId().value(),
              command.reason(),
              total.tokens(),
              total.microDollars()));
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
    boolean undone = !run.planned(any -> any.phase() == Phase.UNDONE).isEmpty();
    if (!(workflow instanceof Finished finished)
        || finished.end() != Workflow.End.FAILED
        || step.phase() != Phase.FAILED
        || step.compensation()
        || undone) {
      return Decision.reject(
          new StepNotInPhase(
              command.stepId(),
              standing(step),
              "what a workflow failed by, with nothing undone since"));
    }
    Unfolding unfolding =
        new Unfolding(workflow, command.at())
            .then(new WorkflowReopened(command.workflowId().value(), command.stepId()));
    unfolding.ready(planned, step.attempt() + 1);
    return unfolding.advance().accepted();
  }

  static Decision<WorkflowEvent, WorkflowRejection> wrongPhase(
      String attempted, Workflow workflow, String wanted) {
    return Decision.reject(new WrongPhase(attempted, workflow.phase(), wanted));
  }
}

package io.agentflow.domain.workflow;

import io.agentflow.domain.AppendOnlyMap;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.Approval.Outcome;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDelegated;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDenied;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalExpired;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalGranted;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalReminded;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalWithdrawn;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.DeadlineSet;
import io.agentflow.domain.workflow.RunEvent.FailureCause;
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
import io.agentflow.domain.workflow.RunEvent.StepResult;
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.RunEvent.StepSkipped;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.Step.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A plan on its way: which version counts, where each step stands, who has to decide what.
 *
 * @param proposed a version that waits for its approval, or was rejected
 * @param current the version that is carried out
 * @param steps by step id; a step that is not there waits for those that it needs
 * @param approvals by approval id
 * @param answers what was answered under each lease that is over, by its token
 * @param signals the last payload of each signal, by its name
 * @param signalIds fingerprints of the signals that have arrived, by their ids
 * @param completed steps that are completed, in the order in which they were
 * @param deadline when the workflow fails if it is not over
 */
public record PlanRun(
    @Nullable Version proposed,
    @Nullable Version current,
    AppendOnlyMap<String, Step> steps,
    AppendOnlyMap<String, Approval> approvals,
    AppendOnlyMap<String, Fingerprint> answers,
    AppendOnlyMap<String, String> signals,
    AppendOnlyMap<String, Fingerprint> signalIds,
    List<String> completed,
    @Nullable Pause pause,
    @Nullable Ending ending,
    @Nullable Origin origin,
    @Nullable Instant deadline) {

  /** A workflow without a plan. */
  public static final PlanRun NONE =
      new PlanRun(
          null,
          null,
          AppendOnlyMap.empty(),
          AppendOnlyMap.empty(),
          AppendOnlyMap.empty(),
          AppendOnlyMap.empty(),
          AppendOnlyMap.empty(),
          List.of(),
          null,
          null,
          null,
          null);

  /**
   * A version of the plan.
   *
   * @param rejected whether it was, and why
   */
  public record Version(
      int number,
      Plan plan,
      String digest,
      AutonomyMode autonomy,
      long timeoutMillis,
      String proposedBy,
      @Nullable String rejected) {}

  /**
   * Nothing new begins.
   *
   * @param budgetId the budget that had too little left, where that is why
   */
  public record Pause(String reason, @Nullable String budgetId) {

    /**
     * Whether what has its reservation is handed out still: kept back, it would keep from other
     * workflows what nobody uses, and two of them could wait for each other for ever.
     */
    public boolean allowsReserved() {
      return budgetId != null;
    }
  }

  /** What was done is being undone, before the workflow ends. */
  public record Ending(boolean cancelled, String reason) {}

  /** The workflow whose results were taken over. */
  public record Origin(String workflowId, String fromStepId, Fingerprint results) {}

  /** Where the step stands. */
  public Step step(String stepId) {
    Step step = steps.get(stepId);
    return step == null ? Step.WAITING : step;
  }

  /** The version that waits for its approval. */
  public @Nullable Version pending() {
    return proposed != null && proposed.rejected() == null ? proposed : null;
  }

  /** How many versions were proposed so far. */
  int versions() {
    return Math.max(
        proposed == null ? 0 : proposed.number(), current == null ? 0 : current.number());
  }

  /** The steps of the current plan in these phases. */
  List<PlanStep> planned(Predicate<Step> in) {
    return current == null
        ? List.of()
        : current.plan().steps().stream().filter(step -> in.test(step(step.stepId()))).toList();
  }

  /** The step with this id in the current plan; none where it has none. */
  public List<PlanStep> plannedAs(String stepId) {
    return current == null ? List.of() : current.plan().step(stepId).stream().toList();
  }

  /** The step of the current plan that is held under this lease. */
  public Optional<PlanStep> heldUnder(String leaseToken) {
    return planned(step -> leaseToken.equals(step.leaseToken())).stream().findFirst();
  }

  /** What the steps that it needs have led to, directly or through others, by their ids. */
  public Map<String, String> resultsNeededBy(String stepId) {
    Map<String, String> results = new LinkedHashMap<>();
    if (current != null) {
      for (String needed : current.plan().allNeedsOf(stepId)) {
        String result = step(needed).result();
        if (result != null) {
          results.put(needed, result);
        }
      }
    }
    return results;
  }

  /**
   * What is kept when the plan begins anew at the step: what those have led to that neither are it
   * nor depend on it. What was undone is not kept.
   */
  public List<StepResult> resultsKeptFrom(String stepId) {
    if (current == null) {
      return List.of();
    }
    Set<String> again = current.plan().withAllDependentsOf(stepId);
    List<StepResult> kept = new ArrayList<>();
    for (PlanStep planned : planned(step -> step.phase() == Phase.COMPLETED)) {
      String result = step(planned.stepId()).result();
      if (result != null && !again.contains(planned.stepId())) {
        kept.add(new StepResult(planned.stepId(), result));
      }
    }
    return kept;
  }

  PlanRun evolve(RunEvent event) {
    return switch (event) {
      case PlanProposed made ->
          new Change(this)
              .proposed(
                  new Version(
                      made.planVersion(),
                      made.plan(),
                      made.planDigest(),
                      made.autonomy(),
                      made.timeoutMillis(),
                      made.proposedBy(),
                      null))
              .made();
      case PlanApproved approved ->
          proposed == null ? this : new Change(this).proposed(null).current(proposed).made();
      case PlanRejected rejected -> reject(rejected.reason());
      case DeadlineSet set -> new Change(this).deadline(set.dueAt()).made();
      case RestartedFrom restarted -> restart(restarted);
      case StepReady ready ->
          with(ready.stepId(), step -> step.ready(ready.attempt(), ready.compensation()));
      case StepUnfunded unfunded -> with(unfunded.stepId(), step -> step.in(Phase.UNFUNDED));
      case StepAssigned assigned ->
          with(
              assigned.stepId(),
              step ->
                  step.assigned(assigned.leaseToken(), assigned.agentId(), assigned.timeoutAt()));
      case StepProgressed report ->
          with(report.stepId(), step -> step.progressed(StepAnswer.fingerprint(report)));
      case StepCompleted done -> complete(done);
      case StepCompensated undone ->
          answered(undone.leaseToken(), StepAnswer.fingerprint(undone))
              .with(undone.stepId(), step -> step.in(Phase.UNDONE));
      case StepFailed failed ->
          answered(failed.leaseToken(), StepAnswer.fingerprint(failed))
              .with(
                  failed.stepId(), step -> step.failed(failed.cause() == FailureCause.LEASE_LOST));
      case StepRetryScheduled retry ->
          with(retry.stepId(), step -> step.due(Phase.BACKING_OFF, retry.dueAt()));
      case StepSkipped skipped -> with(skipped.stepId(), step -> step.in(Phase.SKIPPED));
      case StepCancelled cancelled ->
          answered(
                  step(cancelled.stepId()).leaseToken(),
                  Fingerprint.of("cancelled", cancelled.stepId()))
              .with(cancelled.stepId(), step -> step.in(Phase.CANCELLED));
      case WaitStarted wait -> with(wait.stepId(), step -> step.due(Phase.TIMED, wait.dueAt()));
      case SignalReceived signal ->
          new Change(this)
              .signal(signal.name(), signal.payload())
              .signalId(signal.signalId(), Fingerprint.of(signal.name(), signal.payload()))
              .made();
      case WorkflowPaused paused ->
          new Change(this).pause(new Pause(paused.reason(), paused.budgetId())).made();
      case WorkflowResumed resumed -> new Change(this).pause(null).made();
      case CompensationStarted started ->
          new Change(this)
              .pause(null)
              .ending(new Ending(started.cancelled(), started.reason()))
              .made();
      case WorkflowReopened reopened ->
          new Change(this).pause(null).made().with(reopened.stepId(), Step::afresh);
      case WorkflowCancelled cancelled -> this;
    };
  }

  PlanRun evolve(ApprovalEvent event) {
    String id = event.approvalId();
    return switch (event) {
      case ApprovalRequested requested -> {
        PlanRun asked = new Change(this).approval(id, Approval.of(requested)).made();
        yield requested.stepId() == null
            ? asked
            : asked.with(requested.stepId(), step -> step.in(Phase.ASKING));
      }
      case ApprovalGranted granted -> {
        PlanRun counted = decided(id, approval -> approval.grantedBy(granted.by()));
        Approval approval = counted.approvals().get(id);
        String stepId = approval == null ? null : approval.request().stepId();
        yield stepId != null && approval != null && approval.outcome() == Outcome.GRANTED
            ? counted.with(stepId, Step::withApproval)
            : counted;
      }
      case ApprovalDenied denied -> decided(id, approval -> approval.closed(Outcome.DENIED));
      case ApprovalExpired expired -> decided(id, approval -> approval.closed(Outcome.EXPIRED));
      case ApprovalReminded reminded -> decided(id, Approval::remindedOf);
      case ApprovalDelegated delegated ->
          decided(id, approval -> approval.delegated(delegated.by(), delegated.to()));
      case ApprovalWithdrawn withdrawn ->
          decided(id, approval -> approval.closed(Outcome.WITHDRAWN));
    };
  }

  private PlanRun decided(String approvalId, UnaryOperator<Approval> change) {
    Approval approval = approvals.get(approvalId);
    return approval == null
        ? this
        : new Change(this).approval(approvalId, change.apply(approval)).made();
  }

  private PlanRun reject(String reason) {
    return proposed == null
        ? this
        : new Change(this)
            .proposed(
                new Version(
                    proposed.number(),
                    proposed.plan(),
                    proposed.digest(),
                    proposed.autonomy(),
                    proposed.timeoutMillis(),
                    proposed.proposedBy(),
                    reason))
            .made();
  }

  private PlanRun restart(RestartedFrom restarted) {
    PlanRun run =
        new Change(this)
            .origin(
                new Origin(
                    restarted.originWorkflowId(),
                    restarted.fromStepId(),
                    Fingerprint.of(restarted.reused())))
            .made();
    for (StepResult reused : restarted.reused()) {
      run = run.with(reused.stepId(), step -> step.completed(reused.result()));
    }
    return run;
  }

  private PlanRun complete(StepCompleted done) {
    List<String> all = new ArrayList<>(completed);
    all.add(done.stepId());
    return new Change(answered(done.leaseToken(), StepAnswer.fingerprint(done)))
        .completed(all)
        .made()
        .with(done.stepId(), step -> step.completed(done.result()));
  }

  private PlanRun answered(@Nullable String leaseToken, Fingerprint answer) {
    return leaseToken == null ? this : new Change(this).answer(leaseToken, answer).made();
  }

  private PlanRun with(String stepId, UnaryOperator<Step> change) {
    return new Change(this).step(stepId, change.apply(step(stepId))).made();
  }

  /** The next state under construction. */
  private static final class Change {
    private @Nullable Version proposed;
    private @Nullable Version current;
    private AppendOnlyMap<String, Step> steps;
    private AppendOnlyMap<String, Approval> approvals;
    private AppendOnlyMap<String, Fingerprint> answers;
    private AppendOnlyMap<String, String> signals;
    private AppendOnlyMap<String, Fingerprint> signalIds;
    private List<String> completed;
    private @Nullable Pause pause;
    private @Nullable Ending ending;
    private @Nullable Origin origin;
    private @Nullable Instant deadline;

    Change(PlanRun run) {
      proposed = run.proposed;
      current = run.current;
      steps = run.steps;
      approvals = run.approvals;
      answers = run.answers;
      signals = run.signals;
      signalIds = run.signalIds;
      completed = run.completed;
      pause = run.pause;
      ending = run.ending;
      origin = run.origin;
      deadline = run.deadline;
    }

    PlanRun made() {
      return new PlanRun(
          proposed, current, steps, approvals, answers, signals, signalIds, completed, pause,
          ending, origin, deadline);
    }

    Change proposed(@Nullable Version next) {
      proposed = next;
      return this;
    }

    Change current(@Nullable Version next) {
      current = next;
      return this;
    }

    Change step(String stepId, Step next) {
      steps = steps.with(stepId, next);
      return this;
    }

    Change approval(String approvalId, Approval next) {
      approvals = approvals.with(approvalId, next);
      return this;
    }

    Change answer(String leaseToken, Fingerprint next) {
      answers = answers.with(leaseToken, next);
      return this;
    }

    Change signal(String name, String payload) {
      signals = signals.with(name, payload);
      return this;
    }

    Change signalId(String id, Fingerprint next) {
      signalIds = signalIds.with(id, next);
      return this;
    }

    Change completed(List<String> next) {
      completed = List.copyOf(next);
      return this;
    }

    Change pause(@Nullable Pause next) {
      pause = next;
      return this;
    }

    Change ending(@Nullable Ending next) {
      ending = next;
      return this;
    }

    Change origin(@Nullable Origin next) {
      origin = next;
      return this;
    }

    Change deadline(Instant next) {
      deadline = next;
      return this;
    }
  }
}

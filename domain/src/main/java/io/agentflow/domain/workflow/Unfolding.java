package io.agentflow.domain.workflow;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.AutonomyMode.Ruling;
import io.agentflow.domain.planning.AutonomyMode.Verdict;
import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.Approval.Outcome;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalWithdrawn;
import io.agentflow.domain.workflow.PlanRun.Ending;
import io.agentflow.domain.workflow.PlanRun.Version;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.FailureCause;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.RunEvent.StepSkipped;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.Workflow.Running;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What follows from one thing that happened in a running plan: each event is applied at once, and
 * the next is derived from the state behind it. Used by one decision.
 */
final class Unfolding {

  /** Attempts that may end without a word of their worker before that counts as a failure. */
  static final int LEASES_LOST_MAX = 10;

  private final List<WorkflowEvent> events = new ArrayList<>();
  private final Instant at;
  private Workflow workflow;

  Unfolding(Workflow workflow, Instant at) {
    this.workflow = workflow;
    this.at = at;
  }

  Unfolding then(WorkflowEvent event) {
    events.add(event);
    workflow = Workflow.evolve(workflow, event);
    return this;
  }

  Decision<WorkflowEvent, WorkflowRejection> accepted() {
    return new Decision.Accepted<>(events);
  }

  PlanRun run() {
    return Workflow.runOf(workflow);
  }

  private Version current() {
    return Objects.requireNonNull(run().current());
  }

  private String id() {
    return Objects.requireNonNull(Workflow.descriptionOf(workflow)).workflowId();
  }

  private @Nullable String budgetId() {
    return Objects.requireNonNull(Workflow.descriptionOf(workflow)).budgetId();
  }

  /** Where the step's attempt has a reservation; null where it has none. */
  private @Nullable String reservedOn(Step step) {
    return step.attempt() == 0 || step.compensation() ? null : budgetId();
  }

  private Spend total() {
    return Workflow.progressOf(workflow).total();
  }

  private PlanStep planned(String stepId) {
    return current().plan().step(stepId).orElseThrow();
  }

  /** Begins what can begin; ends the workflow when nothing is left to do. */
  Unfolding advance() {
    boolean begun = true;
    while (begun && isGoingOn()) {
      begun = false;
      for (PlanStep step : run().planned(step -> step.phase() == Phase.WAITING)) {
        if (step.needs().stream().allMatch(need -> run().step(need).isDone())) {
          begin(step);
          begun = true;
        }
      }
    }
    if (isGoingOn() && run().planned(step -> !step.isDone()).isEmpty()) {
      then(new WorkflowCompleted(id(), outcome(), total().tokens(), total().microDollars()));
    }
    return this;
  }

  private boolean isGoingOn() {
    return workflow instanceof Running && run().pause() == null && run().ending() == null;
  }

  /** What the one last step led to; with several, which they were. */
  private String outcome() {
    List<PlanStep> last =
        current().plan().steps().stream()
            .filter(step -> current().plan().dependentsOf(step.stepId()).isEmpty())
            .toList();
    String result = last.size() == 1 ? run().step(last.getFirst().stepId()).result() : null;
    return result != null && result.length() <= WorkflowCommand.SENTENCE_CHARS_MAX
        ? result
        : "all %d steps are done".formatted(current().plan().steps().size());
  }

  private void begin(PlanStep step) {
    switch (step.kind()) {
      case APPROVAL -> ask(step);
      case WAIT -> await(step);
      case AGENT, TOOL -> {
        Verdict verdict = current().autonomy().judge(step);
        if (verdict.ruling() == Ruling.RUN || run().step(step.stepId()).approved()) {
          ready(step, run().step(step.stepId()).attempt() + 1);
        } else {
          ask(step);
        }
      }
    }
  }

  private void await(PlanStep step) {
    String signal = step.signal();
    String payload = signal == null ? null : run().signals().get(signal);
    if (payload != null) {
      done(step.stepId(), payload);
    } else {
      then(
          new WaitStarted(
              id(),
              step.stepId(),
              step.waitMillis() == 0 ? null : at.plusMillis(step.waitMillis()),
              signal));
    }
  }

  void ready(PlanStep step, int attempt) {
    then(
        new StepReady(
            id(),
            step.stepId(),
            attempt,
            false,
            step.kind(),
            step.capability(),
            step.tool(),
            step.agentId(),
            step.timeoutMillis(),
            budgetId(),
            step.estimatedTokens(),
            step.estimatedMicroDollars()));
  }

  /** Nothing is reserved for it: an empty budget must not keep anything from being undone. */
  private void readyToUndo(PlanStep step, Compensation compensation, int attempt) {
    then(
        new StepReady(
            id(),
            step.stepId(),
            attempt,
            true,
            StepKind.TOOL,
            null,
            compensation.tool(),
            null,
            step.timeoutMillis(),
            null,
            0,
            0));
  }

  /** Makes the attempt ready again that was announced before. */
  void readyAgain(PlanStep step) {
    Step now = run().step(step.stepId());
    Compensation compensation = step.compensation();
    if (now.compensation() && compensation != null) {
      readyToUndo(step, compensation, now.attempt());
    } else {
      ready(step, Math.max(1, now.attempt()));
    }
  }

  void ask(PlanStep step) {
    ask(
        step.stepId() + ".v" + current().number(),
        step.stepId(),
        current(),
        step.approval() == null ? ApprovalRule.ANYONE : step.approval());
  }

  void askForPlan(Version version) {
    ask("plan.v" + version.number(), null, version, ApprovalRule.ANYONE);
  }

  private void ask(String approvalId, @Nullable String stepId, Version version, ApprovalRule rule) {
    then(
        new ApprovalRequested(
            id(),
            approvalId,
            stepId,
            version.digest(),
            version.proposedBy(),
            rule.required(),
            rule.people(),
            rule.roles(),
            at.plusMillis(rule.expiresMillis()),
            rule.remindMillis() == 0 ? null : at.plusMillis(rule.remindMillis())));
  }

  /** A step that no worker carries out is over. */
  void done(String stepId, String result) {
    then(
        new StepCompleted(
            id(),
            stepId,
            run().step(stepId).attempt(),
            null,
            result,
            null,
            0,
            0,
            total().tokens(),
            total().microDollars()));
  }

  /** An attempt failed; it is tried again, or the plan says what becomes of the workflow. */
  void failed(
      String stepId,
      FailureCause cause,
      @Nullable String leaseToken,
      String reason,
      boolean retryable,
      Spend used) {
    Step before = run().step(stepId);
    PlanStep step = planned(stepId);
    Spend total = total().plus(used);
    then(
        new StepFailed(
            id(),
            stepId,
            before.attempt(),
            leaseToken,
            cause,
            reason,
            reservedOn(before),
            used.tokens(),
            used.microDollars(),
            total.tokens(),
            total.microDollars()));
    int own = before.attempt() - before.leasesLost();
    if (cause == FailureCause.LEASE_LOST && before.leasesLost() < LEASES_LOST_MAX) {
      again(step, before.attempt() + 1);
    } else if (retryable && step.retry().allowsAfter(own)) {
      then(
          new StepRetryScheduled(
              id(),
              stepId,
              before.attempt() + 1,
              at.plusMillis(step.retry().pauseMillisAfter(own, id(), stepId))));
    } else if (before.compensation()) {
      stuck(stepId, reason);
    } else {
      failedForGood(step, reason);
    }
  }

  /** The next attempt, at once. */
  private void again(PlanStep step, int attempt) {
    Compensation compensation = step.compensation();
    if (run().step(step.stepId()).compensation() && compensation != null) {
      readyToUndo(step, compensation, attempt);
    } else {
      ready(step, attempt);
    }
  }

  private void failedForGood(PlanStep step, String reason) {
    String sentence = "step %s failed: %s".formatted(step.stepId(), reason);
    switch (step.onFailure()) {
      case FAIL -> end(false, sentence, false);
      case SKIP -> {
        then(new StepSkipped(id(), step.stepId(), reason));
        advance();
      }
      case COMPENSATE -> end(false, sentence, true);
    }
  }

  /** What cannot be undone stops the undoing: to go on could make it worse. */
  private void stuck(String stepId, String reason) {
    Ending ending = Objects.requireNonNull(run().ending());
    String left =
        run().completed().stream().filter(this::isToBeUndone).collect(Collectors.joining(", "));
    finish(
        new Ending(
            false,
            "%s; step %s could not be undone: %s; not undone: %s"
                .formatted(
                    ending.reason(), stepId, reason, left.isEmpty() ? "nothing else" : left)));
  }

  private boolean isToBeUndone(String stepId) {
    return run().step(stepId).phase() == Phase.COMPLETED && planned(stepId).compensation() != null;
  }

  /** Ends the workflow, after what was done is undone where that is wanted and possible. */
  void end(boolean cancelled, String reason, boolean compensate) {
    withdrawApprovals();
    if (run().current() != null) {
      for (PlanStep step : run().planned(Step::isOpen)) {
        cancel(step.stepId());
      }
    }
    if (compensate && run().completed().stream().anyMatch(this::isToBeUndone)) {
      then(new CompensationStarted(id(), cancelled, reason));
      undoNext();
    } else {
      finish(new Ending(cancelled, reason));
    }
  }

  void cancel(String stepId) {
    Step step = run().step(stepId);
    then(new StepCancelled(id(), stepId, step.attempt(), reservedOn(step)));
  }

  private void withdrawApprovals() {
    run().approvals().asMap().entrySet().stream()
        .filter(approval -> approval.getValue().outcome() == Outcome.OPEN)
        .map(Map.Entry::getKey)
        .sorted()
        .forEach(approvalId -> then(new ApprovalWithdrawn(id(), approvalId)));
  }

  /** Lets a new version of the plan ask anew for what the old one had asked. */
  void askAnew() {
    for (PlanStep step : run().planned(step -> step.phase() == Phase.ASKING)) {
      cancel(step.stepId());
    }
    withdrawApprovals();
  }

  void withdraw(String approvalId) {
    Approval approval = run().approvals().get(approvalId);
    if (approval != null && approval.outcome() == Outcome.OPEN) {
      then(new ApprovalWithdrawn(id(), approvalId));
    }
  }

  /** Undoes the last step that is not undone yet; ends when there is none. */
  void undoNext() {
    List<String> left = run().completed().stream().filter(this::isToBeUndone).toList();
    Ending ending = Objects.requireNonNull(run().ending());
    if (left.isEmpty()) {
      finish(ending);
    } else {
      PlanStep step = planned(left.getLast());
      readyToUndo(
          step,
          Objects.requireNonNull(step.compensation()),
          run().step(step.stepId()).attempt() + 1);
    }
  }

  private void finish(Ending ending) {
    String reason =
        ending.reason().length() <= WorkflowCommand.SENTENCE_CHARS_MAX
            ? ending.reason()
            : ending.reason().substring(0, WorkflowCommand.SENTENCE_CHARS_MAX);
    then(
        ending.cancelled()
            ? new WorkflowCancelled(id(), reason, total().tokens(), total().microDollars())
            : new WorkflowFailed(id(), reason, total().tokens(), total().microDollars()));
  }
}

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
import io.agentflow.domain.workflow.RunEvent.DeadlineSet;
import io.agentflow.domain.workflow.RunEvent.FailureCause;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
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
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What follows from one thing that happened in a running plan: each event is applied at once, and
 * the next is derived from the state behind it. Used by one decision.
 */
final class Unfolding {

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

  /** Where the attempt has a reservation, or waits for one; null where neither is so. */
  @Nullable String reservedOn(Step step) {
    boolean known = step.announced() || step.phase() == Phase.UNFUNDED;
    return known && !step.compensation() ? budgetId() : null;
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
      for (PlanStep step : run().planned(Step::canBegin)) {
        if (step.needs().stream().allMatch(need -> run().step(need).isDone())) {
          begin(step);
          begun = true;
        }
      }
    }
    if (isGoingOn() && run().planned(step -> !step.isDone()).isEmpty()) {
      dropProposal();
      then(new WorkflowCompleted(id(), outcome(), total().tokens(), total().microDollars()));
    }
    return this;
  }

  private boolean isGoingOn() {
    return workflow instanceof Running
        && run().current() != null
        && run().pause() == null
        && run().ending() == null;
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

  /** Hands the step to who carries it out: workers, people, or time. */
  void begin(PlanStep step) {
    switch (step.kind()) {
      case APPROVAL -> ask(step);
      case WAIT -> await(step);
      case AGENT, TOOL -> {
        Verdict verdict = run().step(step.stepId()).judge(current().autonomy(), step);
        if (verdict.ruling() == Ruling.RUN) {
          announce(step);
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

  /** Makes an attempt ready for a worker: the one that is ready already, or else the next. */
  void announce(PlanStep step) {
    Step now = run().step(step.stepId());
    int attempt = now.announced() ? now.attempt() : now.attempt() + 1;
    Compensation compensation = step.compensation();
    if (now.compensation() && compensation != null) {
      readyToUndo(step, compensation, attempt);
    } else {
      ready(step, attempt);
    }
  }

  private void ready(PlanStep step, int attempt) {
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

  private void ask(String name, @Nullable String stepId, Version version, ApprovalRule rule) {
    then(
        new ApprovalRequested(
            id(),
            unused(name),
            stepId,
            version.digest(),
            version.proposedBy(),
            rule.required(),
            rule.people(),
            rule.roles(),
            at.plusMillis(rule.expiresMillis()),
            rule.remindMillis() == 0 ? null : at.plusMillis(rule.remindMillis())));
  }

  /** What was asked once is asked again under another id: old answers do not count. */
  private String unused(String name) {
    String approvalId = name;
    for (int round = 2; run().approvals().containsKey(approvalId); round++) {
      approvalId = name + "." + round;
    }
    return approvalId;
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
    int failures = run().step(stepId).failures();
    if (cause == FailureCause.LEASE_LOST && before.forgivesLostLease()) {
      announce(step);
    } else if (retryable && step.retry().allowsAfter(failures)) {
      then(
          new StepRetryScheduled(
              id(),
              stepId,
              before.attempt() + 1,
              at.plusMillis(step.retry().pauseMillisAfter(failures, id(), stepId))));
    } else if (before.compensation()) {
      stuck(stepId, reason);
    } else {
      failedForGood(step, reason);
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
    run().planned(Step::isOpen).forEach(this::cancel);
    withdrawApprovals(request -> request.stepId() != null);
    dropProposal();
    if (compensate && run().completed().stream().anyMatch(this::isToBeUndone)) {
      then(new CompensationStarted(id(), cancelled, reason));
      undoNext();
    } else {
      finish(new Ending(cancelled, reason));
    }
  }

  /** Lets the plan's next version ask anew for what this one has asked. */
  void stopAsking() {
    run().planned(step -> step.phase() == Phase.ASKING).forEach(this::cancel);
    withdrawApprovals(request -> request.stepId() != null);
  }

  void cancel(PlanStep step) {
    Step now = run().step(step.stepId());
    then(new StepCancelled(id(), step.stepId(), now.attempt(), reservedOn(now)));
  }

  void stopAskingForPlan() {
    withdrawApprovals(request -> request.stepId() == null);
  }

  private void withdrawApprovals(Predicate<ApprovalRequested> which) {
    run().approvals().asMap().values().stream()
        .filter(approval -> approval.outcome() == Outcome.OPEN)
        .map(Approval::request)
        .filter(which)
        .map(ApprovalRequested::approvalId)
        .sorted()
        .forEach(approvalId -> then(new ApprovalWithdrawn(id(), approvalId)));
  }

  /** A version that waits for its approval comes too late. */
  private void dropProposal() {
    Version pending = run().pending();
    if (pending != null) {
      stopAskingForPlan();
      then(new PlanRejected(id(), pending.number(), "the workflow ended before it was approved"));
    }
  }

  /** Sets the time by which the workflow has to be over, where its plan limits that. */
  void setDeadline() {
    if (current().timeoutMillis() > 0) {
      then(new DeadlineSet(id(), at.plusMillis(current().timeoutMillis())));
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
    String reason = cut(ending.reason());
    then(
        ending.cancelled()
            ? new WorkflowCancelled(id(), reason, total().tokens(), total().microDollars())
            : new WorkflowFailed(id(), reason, total().tokens(), total().microDollars()));
  }

  /** To the longest that a reason may be, and not within a character. */
  private static String cut(String reason) {
    int end = WorkflowCommand.SENTENCE_CHARS_MAX;
    if (reason.length() <= end) {
      return reason;
    }
    return reason.substring(0, Character.isHighSurrogate(reason.charAt(end - 1)) ? end - 1 : end);
  }
}

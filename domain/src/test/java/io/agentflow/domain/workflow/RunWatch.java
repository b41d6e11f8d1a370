package io.agentflow.domain.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDelegated;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDenied;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalExpired;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalGranted;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalReminded;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalWithdrawn;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.PlanApproved;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
import io.agentflow.domain.workflow.RunEvent.RestartedFrom;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepProgressed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.RunEvent.StepSkipped;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a run's events and nothing else, as a table or an auditor would, and says at each of them
 * what no run may do. Knows the rules, not the code that keeps them.
 */
final class RunWatch {

  private final Map<Integer, Plan> versions = new HashMap<>();
  private Plan plan = new Plan(List.of());
  private @Nullable Integer pendingVersion;
  private final Map<String, Integer> attempts = new HashMap<>();
  private final Set<String> underWay = new HashSet<>();
  private final Map<String, String> leases = new HashMap<>();
  private final Set<String> usedTokens = new HashSet<>();
  private final Set<String> reservations = new HashSet<>();
  private final Set<String> waitingForBudget = new HashSet<>();
  private final Set<String> timed = new HashSet<>();
  private final Set<String> done = new HashSet<>();
  private final List<String> undoable = new ArrayList<>();
  private final Map<String, @Nullable String> openApprovals = new HashMap<>();
  private final Set<String> usedApprovals = new HashSet<>();
  private boolean paused;
  private boolean pausedByBudget;
  private boolean compensating;
  private boolean over;
  private Spend total = Spend.NONE;

  boolean isOver() {
    return over;
  }

  void see(WorkflowEvent event) {
    assertThat(!over || event instanceof WorkflowReopened)
        .as("after the end only a reopening: %s", event)
        .isTrue();
    switch (event) {
      case PlanProposed proposed -> {
        versions.put(proposed.planVersion(), proposed.plan());
        pendingVersion = proposed.planVersion();
      }
      case PlanApproved approved -> {
        assertThat(pendingVersion).isEqualTo(approved.planVersion());
        assertThat(openApprovals.values())
            .as("what the version before asked for its steps at %s", approved)
            .allMatch(Objects::isNull);
        plan = Objects.requireNonNull(versions.get(approved.planVersion()));
        pendingVersion = null;
      }
      case PlanRejected rejected -> pendingVersion = null;
      case RestartedFrom restarted ->
          restarted.reused().forEach(result -> done.add(result.stepId()));
      case StepReady ready -> ready(ready);
      case StepUnfunded unfunded -> {
        assertThat(underWay.remove(unfunded.stepId())).isTrue();
        assertThat(leases).doesNotContainKey(unfunded.stepId());
        assertThat(unfunded.attempt()).isEqualTo(lastAttempt(unfunded.stepId()));
        assertThat(reservations).contains(unfunded.stepId() + ":" + unfunded.attempt());
        assertThat(waitingForBudget.add(unfunded.stepId())).isTrue();
      }
      case StepAssigned assigned -> assigned(assigned);
      case StepProgressed progressed -> assertThat(leases).containsKey(progressed.stepId());
      case StepCompleted completed -> {
        answered(completed.stepId(), completed.attempt(), completed.leaseToken());
        settled(completed.stepId(), completed.attempt(), completed.budgetId());
        spent(
            completed.tokens(),
            completed.microDollars(),
            completed.totalTokens(),
            completed.totalMicroDollars());
        timed.remove(completed.stepId());
        assertThat(done.add(completed.stepId())).as("completed once: %s", completed).isTrue();
        undoable.add(completed.stepId());
      }
      case StepCompensated undone -> {
        answered(undone.stepId(), undone.attempt(), undone.leaseToken());
        spent(
            undone.tokens(),
            undone.microDollars(),
            undone.totalTokens(),
            undone.totalMicroDollars());
        assertThat(compensating).isTrue();
        assertThat(done.remove(undone.stepId())).isTrue();
        undoable.remove(undone.stepId());
      }
      case StepFailed failed -> {
        assertThat(done.contains(failed.stepId()) && !compensating)
            .as("what is done does not fail: %s", failed)
            .isFalse();
        answered(failed.stepId(), failed.attempt(), failed.leaseToken());
        settled(failed.stepId(), failed.attempt(), failed.budgetId());
        spent(
            failed.tokens(),
            failed.microDollars(),
            failed.totalTokens(),
            failed.totalMicroDollars());
      }
      case StepRetryScheduled retry -> {
        assertThat(retry.attempt()).isEqualTo(lastAttempt(retry.stepId()) + 1);
        assertThat(timed.add(retry.stepId())).isTrue();
      }
      case StepSkipped skipped -> assertThat(done.add(skipped.stepId())).isTrue();
      case StepCancelled cancelled -> {
        leases.remove(cancelled.stepId());
        underWay.remove(cancelled.stepId());
        timed.remove(cancelled.stepId());
        waitingForBudget.remove(cancelled.stepId());
        settled(cancelled.stepId(), cancelled.attempt(), cancelled.budgetId());
      }
      case WaitStarted wait -> {
        assertNeedsAreDone(wait.stepId());
        assertThat(paused).isFalse();
        assertThat(timed.add(wait.stepId())).isTrue();
      }
      case WorkflowPaused pause -> {
        paused = true;
        pausedByBudget = pause.budgetId() != null;
        assertThat(waitingForBudget.isEmpty() || pause.budgetId() != null)
            .as("who is paused by a person does not wait for the budget: %s", pause)
            .isTrue();
      }
      case WorkflowResumed resumed -> paused = false;
      case CompensationStarted started -> {
        assertNothingIsOpen(event);
        compensating = true;
        paused = false;
      }
      case WorkflowReopened reopened -> {
        assertThat(over && !compensating).isTrue();
        over = false;
        paused = false;
      }
      case ApprovalEvent approval -> decided(approval);
      case WorkflowCompleted completed -> {
        assertThat(done).containsAll(plan.steps().stream().map(PlanStep::stepId).toList());
        end(event, completed.totalTokens());
      }
      case WorkflowFailed failed -> end(event, failed.totalTokens());
      case WorkflowCancelled cancelled -> end(event, cancelled.totalTokens());
      default -> {
        // Nothing to hold against these.
      }
    }
  }

  private void ready(StepReady ready) {
    String stepId = ready.stepId();
    int last = lastAttempt(stepId);
    boolean again = underWay.contains(stepId);
    assertThat(ready.attempt())
        .as("attempts grow by one: %s", ready)
        .isEqualTo(again ? last : last + 1);
    assertThat(leases).as("nobody has it: %s", ready).doesNotContainKey(stepId);
    assertThat(ready.compensation()).isEqualTo(compensating);
    if (compensating) {
      assertThat(stepId).isEqualTo(lastUndoable());
      assertThat(ready.budgetId()).isNull();
    } else {
      assertThat(done).as("what is done stays done: %s", ready).doesNotContain(stepId);
      assertNeedsAreDone(stepId);
    }
    if (waitingForBudget.remove(stepId)) {
      reservations.remove(stepId + ":" + last);
    }
    if (ready.budgetId() != null) {
      assertThat(reservations.add(stepId + ":" + ready.attempt())).isEqualTo(!again);
    }
    timed.remove(stepId);
    underWay.add(stepId);
    attempts.put(stepId, ready.attempt());
  }

  private int lastAttempt(String stepId) {
    return attempts.getOrDefault(stepId, 0);
  }

  private String lastUndoable() {
    return undoable.stream()
        .filter(id -> plan.step(id).orElseThrow().compensation() != null)
        .reduce((before, after) -> after)
        .orElseThrow();
  }

  private void assigned(StepAssigned assigned) {
    String stepId = assigned.stepId();
    assertThat(paused && !pausedByBudget).as("nothing is handed out in a person's pause").isFalse();
    assertThat(underWay).contains(stepId);
    assertThat(assigned.attempt()).isEqualTo(lastAttempt(stepId));
    assertThat(usedTokens.add(assigned.leaseToken())).as("a new lease: %s", assigned).isTrue();
    assertThat(leases.put(stepId, assigned.leaseToken())).as("one lease a step").isNull();
    if (!compensating) {
      assertNeedsAreDone(stepId);
    }
  }

  private void assertNeedsAreDone(String stepId) {
    assertThat(done)
        .as("what step %s needs", stepId)
        .containsAll(plan.step(stepId).orElseThrow().needs());
  }

  private void answered(String stepId, int attempt, @Nullable String leaseToken) {
    assertThat(leaseToken).as("who answers for %s", stepId).isEqualTo(leases.remove(stepId));
    assertThat(attempt).isEqualTo(lastAttempt(stepId));
    underWay.remove(stepId);
  }

  private void settled(String stepId, int attempt, @Nullable String budgetId) {
    assertThat(reservations.remove(stepId + ":" + attempt))
        .as("attempt %d of %s ends the reservation that it has", attempt, stepId)
        .isEqualTo(budgetId != null);
  }

  private void spent(long tokens, long microDollars, long totalTokens, long totalMicroDollars) {
    total = total.plus(new Spend(tokens, microDollars));
    assertThat(new Spend(totalTokens, totalMicroDollars)).isEqualTo(total);
  }

  private void decided(ApprovalEvent event) {
    String id = event.approvalId();
    switch (event) {
      case ApprovalRequested asked -> {
        assertThat(usedApprovals.add(id)).as("asked once under an id: %s", asked).isTrue();
        openApprovals.put(id, asked.stepId());
        if (asked.stepId() != null) {
          assertNeedsAreDone(asked.stepId());
          assertThat(underWay).doesNotContain(asked.stepId());
        }
      }
      case ApprovalGranted granted -> {
        assertThat(openApprovals).containsKey(id);
        if (granted.granted() >= granted.required()) {
          openApprovals.remove(id);
        }
      }
      case ApprovalDenied denied -> close(id);
      case ApprovalExpired expired -> close(id);
      case ApprovalWithdrawn withdrawn -> close(id);
      case ApprovalReminded reminded -> assertThat(openApprovals).containsKey(id);
      case ApprovalDelegated delegated -> assertThat(openApprovals).containsKey(id);
    }
  }

  private void close(String approvalId) {
    assertThat(openApprovals).containsKey(approvalId);
    openApprovals.remove(approvalId);
  }

  private void end(WorkflowEvent event, long totalTokens) {
    assertNothingIsOpen(event);
    assertThat(totalTokens).isEqualTo(total.tokens());
    over = true;
  }

  private void assertNothingIsOpen(WorkflowEvent event) {
    assertThat(underWay).as("attempts under way at %s", event).isEmpty();
    assertThat(leases).as("leases at %s", event).isEmpty();
    assertThat(reservations).as("reservations at %s", event).isEmpty();
    assertThat(waitingForBudget).as("steps that wait for the budget at %s", event).isEmpty();
    assertThat(timed).as("pauses and waits at %s", event).isEmpty();
    assertThat(openApprovals).as("approvals at %s", event).isEmpty();
    assertThat(pendingVersion).as("the version that waits at %s", event).isNull();
  }
}

package io.agentflow.application.work;

import io.agentflow.application.work.Timers.Timer;
import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.agent.Agent;
import io.agentflow.domain.agent.AgentCommand.GoOffline;
import io.agentflow.domain.agent.AgentEvent;
import io.agentflow.domain.agent.AgentEvent.AgentCameOnline;
import io.agentflow.domain.agent.AgentEvent.AgentRetired;
import io.agentflow.domain.agent.AgentEvent.AgentSuspended;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.agent.AgentRejection;
import io.agentflow.domain.budget.BudgetCommand.RollPeriod;
import io.agentflow.domain.budget.BudgetEvent.BudgetClosed;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetEvent.TermsSet;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.schedule.ScheduleEvent;
import io.agentflow.domain.workflow.ApprovalEvent;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDelegated;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDenied;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalExpired;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalGranted;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalReminded;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalWithdrawn;
import io.agentflow.domain.workflow.RunCommand.EndBackoff;
import io.agentflow.domain.workflow.RunCommand.EndWait;
import io.agentflow.domain.workflow.RunCommand.ExpireApproval;
import io.agentflow.domain.workflow.RunCommand.LoseLease;
import io.agentflow.domain.workflow.RunCommand.RemindApproval;
import io.agentflow.domain.workflow.RunCommand.TimeOutStep;
import io.agentflow.domain.workflow.RunCommand.TimeOutWorkflow;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.DeadlineSet;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What of the log is still open, folded event by event: which steps can be handed out, who holds a
 * lease, what is due when, which agents there are. One thread folds; others look.
 */
final class OpenWork {

  private final WorkQueue queue;
  private final Timers timers;
  private final Duration agentOfflineAfter;
  private final Hands hands;
  private final DueSchedules schedules;
  private final Map<String, OpenWorkflow> workflows = new HashMap<>();
  private final Map<String, Registered> agents = new ConcurrentHashMap<>();
  private final Map<String, Held> leases = new ConcurrentHashMap<>();

  OpenWork(WorkQueue queue, Timers timers, Hands hands, Duration agentOfflineAfter) {
    this.agentOfflineAfter = agentOfflineAfter;
    this.queue = queue;
    this.timers = timers;
    this.hands = hands;
    this.schedules = new DueSchedules(timers);
  }

  /** A lease that is held. */
  record Held(String tenantId, String workflowId, String stepId, String agentId, String token) {}

  private record Registered(String tenantId, Agent agent) {}

  private static final class OpenWorkflow {
    private final Map<String, OpenStep> steps = new HashMap<>();
    private final Set<String> timerNames = new HashSet<>();
    private boolean paused;
  }

  /** A step that is ready or handed out. */
  private static final class OpenStep {
    private final WorkItem item;
    private boolean reserved;
    private @Nullable Held held;

    OpenStep(WorkItem item) {
      this.item = item;
    }
  }

  /** The agent, if the tenant has it and it is in service. */
  Optional<Abilities> abilitiesOf(String tenantId, String agentId) {
    Registered registered = agents.get(agentId);
    return registered != null
            && registered.tenantId().equals(tenantId)
            && registered.agent() instanceof Agent.Active active
        ? Optional.of(active.profile().abilities())
        : Optional.empty();
  }

  /** Why the tenant's agent is given no work, if it is known and not in service. */
  Optional<AgentRejection> refusalOf(String tenantId, String agentId) {
    Registered registered = agents.get(agentId);
    if (registered == null || !registered.tenantId().equals(tenantId)) {
      return Optional.empty();
    }
    return switch (registered.agent()) {
      case Agent.Suspended suspended ->
          Optional.of(new AgentRejection.IsSuspended(agentId, suspended.reason()));
      case Agent.Retired retired -> Optional.of(new AgentRejection.OutOfService(agentId));
      default -> Optional.empty();
    };
  }

  /** What each agent in service of the tenant can do. */
  Map<String, Abilities> abilities(String tenantId) {
    Map<String, Abilities> found = new HashMap<>();
    agents.forEach(
        (id, registered) ->
            abilitiesOf(tenantId, id).ifPresent(abilities -> found.put(id, abilities)));
    return found;
  }

  /** Whether the tenant's agent is taken to be there. */
  boolean isOnline(String tenantId, String agentId) {
    Registered registered = agents.get(agentId);
    return registered != null
        && registered.tenantId().equals(tenantId)
        && registered.agent() instanceof Agent.Known known
        && known.profile().presence().online();
  }

  Optional<Held> lease(String token) {
    return Optional.ofNullable(leases.get(token));
  }

  void apply(String tenantId, long position, Object event) {
    switch (event) {
      case WorkflowEvent of -> apply(tenantId, position, of);
      case AgentEvent of -> apply(tenantId, of);
      case SpendReserved reserved ->
          StepReservation.of(reserved.reservationId()).ifPresent(this::reserved);
      case TermsSet set -> roll(tenantId, set.budgetId(), set.periodEnd());
      case PeriodRolled rolled -> roll(tenantId, rolled.budgetId(), rolled.periodEnd());
      case ScheduleEvent of -> schedules.apply(tenantId, of);
      case BudgetClosed closed -> timers.cancel("period:" + closed.budgetId());
      default -> {
        // Other events open nothing.
      }
    }
  }

  private void roll(String tenantId, String budgetId, @Nullable String periodEnd) {
    if (periodEnd != null) {
      timers.set(
          new Timer(
              "period:" + budgetId,
              tenantId,
              budgetId,
              Instant.parse(periodEnd),
              null,
              at -> new RollPeriod(new BudgetId(budgetId), at)));
    }
  }

  private void apply(String tenantId, AgentEvent event) {
    agents.merge(
        event.agentId(),
        new Registered(tenantId, Agent.evolve(Agent.initial(), event)),
        (before, first) -> new Registered(tenantId, Agent.evolve(before.agent(), event)));
    switch (event) {
      case AgentCameOnline online -> watch(tenantId, event.agentId(), Instant.parse(online.at()));
      case AgentSuspended _, AgentRetired _ -> {
        hands.endWaits(event.agentId());
        queue.endWaits(event.agentId());
      }
      default -> {
        // It waits on, if it does.
      }
    }
  }

  /** An agent that is online is offline once nothing was heard of it for a while. */
  private void watch(String tenantId, String agentId, Instant seenAt) {
    timers.set(
        new Timer(
            Presence.name(agentId),
            tenantId,
            agentId,
            seenAt.plus(agentOfflineAfter),
            Presence.name(agentId),
            at -> new GoOffline(new AgentId(agentId), at, at.minus(agentOfflineAfter))));
  }

  private void apply(String tenantId, long position, WorkflowEvent event) {
    switch (event) {
      case StepReady ready -> ready(new WorkItem(tenantId, ready, position));
      case StepAssigned assigned -> assigned(tenantId, assigned);
      case StepCompleted done -> over(done.workflowId(), done.stepId());
      case StepCompensated undone -> over(undone.workflowId(), undone.stepId());
      case StepFailed failed -> over(failed.workflowId(), failed.stepId());
      case StepUnfunded unfunded -> over(unfunded.workflowId(), unfunded.stepId());
      case StepCancelled cancelled -> over(cancelled.workflowId(), cancelled.stepId());
      case StepRetryScheduled retry ->
          set(
              tenantId,
              retry.workflowId(),
              "backoff:" + retry.stepId(),
              retry.dueAt(),
              null,
              at -> new EndBackoff(id(retry), retry.stepId(), retry.attempt(), at));
      case WaitStarted wait -> {
        if (wait.dueAt() != null) {
          set(
              tenantId,
              wait.workflowId(),
              "wait:" + wait.stepId(),
              wait.dueAt(),
              null,
              at -> new EndWait(id(wait), wait.stepId(), at));
        }
      }
      case DeadlineSet deadline ->
          set(
              tenantId,
              deadline.workflowId(),
              "deadline",
              deadline.dueAt(),
              null,
              at -> new TimeOutWorkflow(id(deadline), at));
      case WorkflowPaused paused -> {
        // A budget's pause hands out what has its reservation.
        if (paused.budgetId() == null) {
          pause(paused.workflowId());
        }
      }
      case WorkflowResumed resumed -> open(resumed.workflowId()).paused = false;
      // What was done is undone even where the workflow was paused.
      case CompensationStarted undoing -> open(undoing.workflowId()).paused = false;
      case WorkflowCompleted over -> over(over.workflowId());
      case WorkflowFailed over -> over(over.workflowId());
      case WorkflowCancelled over -> over(over.workflowId());
      case ApprovalEvent approval -> apply(tenantId, approval);
      default -> {
        // Other events open and close nothing.
      }
    }
  }

  private void apply(String tenantId, ApprovalEvent event) {
    switch (event) {
      case ApprovalRequested asked -> {
        if (asked.stepId() != null) {
          over(asked.workflowId(), asked.stepId());
        }
        set(
            tenantId,
            asked.workflowId(),
            "expiry:" + asked.approvalId(),
            asked.expiresAt(),
            null,
            at -> new ExpireApproval(id(asked), asked.approvalId(), at));
        if (asked.remindAt() != null) {
          set(
              tenantId,
              asked.workflowId(),
              "reminder:" + asked.approvalId(),
              asked.remindAt(),
              null,
              at -> new RemindApproval(id(asked), asked.approvalId(), at));
        }
      }
      case ApprovalGranted granted -> {
        if (granted.granted() >= granted.required()) {
          decided(granted);
        }
      }
      case ApprovalDenied denied -> decided(denied);
      case ApprovalExpired expired -> decided(expired);
      case ApprovalWithdrawn withdrawn -> decided(withdrawn);
      case ApprovalReminded reminded ->
          cancel(reminded.workflowId(), "reminder:" + reminded.approvalId());
      case ApprovalDelegated delegated -> {
        // Still open.
      }
    }
  }

  private void decided(ApprovalEvent event) {
    cancel(event.workflowId(), "expiry:" + event.approvalId());
    cancel(event.workflowId(), "reminder:" + event.approvalId());
  }

  private void ready(WorkItem item) {
    OpenWorkflow workflow = open(item.step().workflowId());
    OpenStep before = workflow.steps.get(item.step().stepId());
    OpenStep step = new OpenStep(item);
    step.reserved =
        item.step().budgetId() == null
            || (before != null
                && before.reserved
                && before.item.step().attempt() == item.step().attempt());
    cancel(item.step().workflowId(), "backoff:" + item.step().stepId());
    workflow.steps.put(item.step().stepId(), step);
    offer(workflow, step);
  }

  private void reserved(StepReservation reservation) {
    OpenWorkflow workflow = workflows.get(reservation.workflowId());
    OpenStep step = workflow == null ? null : workflow.steps.get(reservation.stepId());
    if (workflow != null
        && step != null
        && step.item.step().attempt() == reservation.attempt()
        && !step.reserved) {
      step.reserved = true;
      offer(workflow, step);
    }
  }

  private void offer(OpenWorkflow workflow, OpenStep step) {
    if (step.reserved && step.held == null && !workflow.paused) {
      queue.offer(step.item);
    }
  }

  private void assigned(String tenantId, StepAssigned assigned) {
    OpenWorkflow workflow = open(assigned.workflowId());
    queue.remove(new WorkItem.Key(assigned.workflowId(), assigned.stepId()));
    OpenStep step = workflow.steps.get(assigned.stepId());
    Held lease =
        new Held(
            tenantId,
            assigned.workflowId(),
            assigned.stepId(),
            assigned.agentId(),
            assigned.leaseToken());
    if (step != null) {
      step.held = lease;
    }
    leases.put(lease.token(), lease);
    hands.hold(lease.agentId(), lease.token());
    set(
        tenantId,
        assigned.workflowId(),
        leaseTimer(assigned.stepId()),
        assigned.leaseUntil(),
        lease.token(),
        at -> new LoseLease(id(assigned), assigned.stepId(), assigned.leaseToken(), at));
    if (assigned.timeoutAt() != null) {
      set(
          tenantId,
          assigned.workflowId(),
          "timeout:" + assigned.stepId(),
          assigned.timeoutAt(),
          null,
          at -> new TimeOutStep(id(assigned), assigned.stepId(), assigned.leaseToken(), at));
    }
  }

  /** The attempt is over, however it ended. */
  private void over(String workflowId, String stepId) {
    queue.remove(new WorkItem.Key(workflowId, stepId));
    OpenWorkflow workflow = workflows.get(workflowId);
    if (workflow == null) {
      return;
    }
    OpenStep step = workflow.steps.remove(stepId);
    Held lease = step == null ? null : step.held;
    if (lease != null) {
      leases.remove(lease.token());
      hands.free(lease.agentId(), Set.of(lease.token()));
    }
    cancel(workflowId, leaseTimer(stepId));
    cancel(workflowId, "timeout:" + stepId);
    cancel(workflowId, "backoff:" + stepId);
    cancel(workflowId, "wait:" + stepId);
    forgetIfNothingIsOpen(workflowId, workflow);
  }

  private void over(String workflowId) {
    OpenWorkflow workflow = workflows.get(workflowId);
    if (workflow != null) {
      Set.copyOf(workflow.steps.keySet()).forEach(stepId -> over(workflowId, stepId));
      workflow.timerNames.forEach(timers::cancel);
      workflows.remove(workflowId);
    }
  }

  private void forgetIfNothingIsOpen(String workflowId, OpenWorkflow workflow) {
    if (workflow.steps.isEmpty() && workflow.timerNames.isEmpty() && !workflow.paused) {
      workflows.remove(workflowId);
    }
  }

  private void pause(String workflowId) {
    OpenWorkflow workflow = open(workflowId);
    workflow.paused = true;
    workflow.steps.keySet().forEach(stepId -> queue.remove(new WorkItem.Key(workflowId, stepId)));
  }

  private OpenWorkflow open(String workflowId) {
    return workflows.computeIfAbsent(workflowId, none -> new OpenWorkflow());
  }

  static String leaseTimer(String stepId) {
    return "lease:" + stepId;
  }

  static String timerName(String workflowId, String what) {
    return workflowId + ":" + what;
  }

  private void set(
      String tenantId,
      String workflowId,
      String what,
      Instant dueAt,
      @Nullable String leaseToken,
      Function<Instant, Object> command) {
    String name = timerName(workflowId, what);
    open(workflowId).timerNames.add(name);
    timers.set(new Timer(name, tenantId, workflowId, dueAt, leaseToken, command));
  }

  private void cancel(String workflowId, String what) {
    String name = timerName(workflowId, what);
    OpenWorkflow workflow = workflows.get(workflowId);
    if (workflow != null && workflow.timerNames.remove(name)) {
      timers.cancel(name);
    }
  }

  private static WorkflowId id(WorkflowEvent event) {
    return new WorkflowId(event.workflowId());
  }
}

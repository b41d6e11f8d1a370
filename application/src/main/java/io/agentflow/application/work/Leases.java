package io.agentflow.application.work;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.application.CommandRejected;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.workflow.Lease;
import io.agentflow.application.workflow.Leased;
import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.domain.workflow.WorkflowRejection.LeaseLost;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Hands steps out to agents, and keeps what is handed out in their hands while they live. */
@Component
class Leases {

  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

  /** Longest time from hand-out to answer where a plan names none. */
  private static final long TIMEOUT_MILLIS_DEFAULT = Duration.ofHours(1).toMillis();

  private static final Duration CATCH_UP_MAX = Duration.ofSeconds(2);
  private static final long BETWEEN_LOOKS_MILLIS = 20;
  private static final long NO_VERSION = -1;

  private final WorkLoop loop;
  private final Commands commands;
  private final Heartbeats heartbeats;
  private final Presence presence;
  private final Clock clock;

  Leases(WorkLoop loop, Commands commands, Heartbeats heartbeats, Presence presence, Clock clock) {
    this.loop = loop;
    this.commands = commands;
    this.heartbeats = heartbeats;
    this.presence = presence;
    this.clock = clock;
  }

  /**
   * Gives an agent up to so many steps; waits for one while there is none.
   *
   * @return empty when there was nothing in time, or the agent has its hands full
   * @throws NotInTenant when the tenant has no such agent
   */
  List<Lease> take(Caller caller, AgentId agentId, int max, Duration patience, Duration lease)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    Optional<Abilities> abilities = abilities(caller, agentId);
    presence.seen(caller, agentId);
    List<Lease> taken = new ArrayList<>();
    while (abilities.isPresent() && taken.isEmpty()) {
      int free = abilities.get().concurrency() - loop.work().heldBy(agentId.value());
      long nanosLeft = deadlineNanos - System.nanoTime();
      if (free > 0) {
        Worker worker = new Worker(caller.tenantId(), agentId.value(), abilities.get());
        for (WorkItem item :
            loop.queue().take(worker, Math.min(max, free), Duration.ofNanos(nanosLeft))) {
          assign(item, worker, lease).ifPresent(taken::add);
        }
      } else if (nanosLeft > 0) {
        Thread.sleep(BETWEEN_LOOKS_MILLIS);
      }
      if (deadlineNanos - System.nanoTime() <= 0) {
        break;
      }
      abilities = loop.work().abilitiesOf(caller.tenantId(), agentId.value());
    }
    return taken;
  }

  /** An agent that was registered a moment ago may not be known here yet. */
  private Optional<Abilities> abilities(Caller caller, AgentId agentId)
      throws InterruptedException {
    if (!loop.work().knows(caller.tenantId(), agentId.value())) {
      loop.catchUp(CATCH_UP_MAX);
      if (!loop.work().knows(caller.tenantId(), agentId.value())) {
        throw new NotInTenant("agent", agentId.value());
      }
    }
    return loop.work().abilitiesOf(caller.tenantId(), agentId.value());
  }

  private Optional<Lease> assign(WorkItem item, Worker worker, Duration lease) {
    WorkflowId workflowId = new WorkflowId(item.step().workflowId());
    AssignStep command =
        new AssignStep(
            workflowId,
            item.step().stepId(),
            item.step().attempt(),
            new AgentId(worker.agentId()),
            worker.abilities().autonomy(),
            new StepReservation(workflowId.value(), item.step().stepId(), item.step().attempt())
                .reservationId(),
            UuidCreator.getTimeOrderedEpoch().toString(),
            lease.toMillis(),
            TIMEOUT_MILLIS_DEFAULT,
            clock.instant());
    try {
      Leased leased =
          (Leased)
              commands.send(
                  Caller.system(item.tenantId(), null, null), workflowId.value(), command);
      return Optional.ofNullable(leased.lease());
    } catch (CommandRejected e) {
      LOG.debug("{} is not to be had any more: {}", item.key(), e.getMessage());
      return Optional.empty();
    } catch (RuntimeException e) {
      // Back into its line: if it was handed out after all, the next try is refused.
      loop.queue().offer(item);
      throw e;
    }
  }

  /**
   * Puts a lease's deadline off.
   *
   * @return until when it is held now
   * @throws CommandRejected with {@link LeaseLost} when it is not held any more
   */
  Instant prolong(
      Caller caller, String workflowId, String stepId, String leaseToken, Duration lease)
      throws InterruptedException {
    if (!isHeld(caller, workflowId, stepId, leaseToken)) {
      loop.catchUp(CATCH_UP_MAX);
      if (!isHeld(caller, workflowId, stepId, leaseToken)) {
        throw new CommandRejected(new LeaseLost("step " + stepId), NO_VERSION);
      }
    }
    Instant until = clock.instant().plus(lease).truncatedTo(ChronoUnit.MILLIS);
    heartbeats.prolong(leaseToken, until);
    loop.timers().putOff(OpenWork.timerName(workflowId, OpenWork.leaseTimer(stepId)), until);
    return until;
  }

  private boolean isHeld(Caller caller, String workflowId, String stepId, String leaseToken) {
    return loop.work()
        .lease(leaseToken)
        .filter(
            held ->
                held.tenantId().equals(caller.tenantId())
                    && held.workflowId().equals(workflowId)
                    && held.stepId().equals(stepId))
        .isPresent();
  }
}

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
import io.agentflow.eventstore.LogUnavailable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Hands steps out to agents, and keeps what is handed out in their hands while they live. */
@Component
class Leases {

  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

  private static final long NO_VERSION = -1;

  private final WorkLoop loop;
  private final Commands commands;
  private final Heartbeats heartbeats;
  private final Presence presence;
  private final Clock clock;
  private final WorkSettings settings;
  private volatile boolean closing;

  Leases(
      WorkLoop loop,
      Commands commands,
      Heartbeats heartbeats,
      Presence presence,
      Clock clock,
      WorkSettings settings) {
    this.loop = loop;
    this.commands = commands;
    this.heartbeats = heartbeats;
    this.presence = presence;
    this.clock = clock;
    this.settings = settings;
  }

  /**
   * Gives an agent up to so many steps; waits for one while there is none.
   *
   * @return empty when there was nothing in time, or the agent has its hands full
   * @throws NotInTenant when the tenant has no such agent
   * @throws CommandRejected when the agent is not in service
   * @throws WaitEnded when the agent said so, or the server stops
   */
  List<Lease> take(Caller caller, AgentId agentId, int max, Duration patience, Duration lease)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    Worker worker = worker(caller, agentId);
    presence.seen(caller, agentId);
    while (true) {
      if (closing) {
        throw new LogUnavailable("the server stops, and hands nothing out any more", null);
      }
      List<Lease> taken = takeOnce(worker, max, deadlineNanos, lease);
      if (!taken.isEmpty() || System.nanoTime() >= deadlineNanos) {
        return taken;
      }
      worker = worker(caller, agentId);
    }
  }

  /**
   * Ends an agent's requests that wait for steps on this node. A worker that stops or has just
   * begun says so: what would be given to a request whose sender is gone is held up until its lease
   * runs out.
   */
  void endWaits(Caller caller, AgentId agentId) throws InterruptedException {
    worker(caller, agentId);
    loop.hands().endWaits(agentId.value());
    loop.queue().endWaits(agentId.value());
  }

  /** The server stops: it does so once nobody waits any more. */
  @EventListener(ContextClosedEvent.class)
  void endAllWaits() {
    closing = true;
    loop.hands().endAllWaits();
    loop.queue().endAllWaits();
  }

  /** An agent that was registered or activated a moment ago may not be known as such yet. */
  private Worker worker(Caller caller, AgentId agentId) throws InterruptedException {
    Optional<Abilities> abilities = abilities(caller, agentId);
    if (abilities.isEmpty()) {
      loop.awaitEnd();
      abilities = abilities(caller, agentId);
    }
    if (abilities.isEmpty()) {
      throw loop.work()
          .refusalOf(caller.tenantId(), agentId.value())
          .<RuntimeException>map(refusal -> new CommandRejected(refusal, NO_VERSION))
          .orElseGet(() -> new NotInTenant("agent", agentId.value()));
    }
    return new Worker(caller.tenantId(), agentId.value(), abilities.get());
  }

  private Optional<Abilities> abilities(Caller caller, AgentId agentId) {
    return loop.work().abilitiesOf(caller.tenantId(), agentId.value());
  }

  private List<Lease> takeOnce(Worker worker, int max, long deadlineNanos, Duration lease)
      throws InterruptedException {
    List<String> tokens =
        loop.hands()
            .reserve(
                worker.agentId(),
                worker.abilities().concurrency(),
                max,
                until(deadlineNanos),
                () -> UuidCreator.getTimeOrderedEpoch().toString());
    if (tokens.isEmpty()) {
      return List.of();
    }
    List<Lease> taken = List.of();
    try {
      List<WorkItem> items = loop.queue().take(worker, tokens.size(), until(deadlineNanos));
      taken = handOut(items, tokens, worker, lease);
      return taken;
    } finally {
      Set<String> unused = new HashSet<>(tokens);
      taken.forEach(given -> unused.remove(given.leaseToken()));
      loop.hands().free(worker.agentId(), unused);
    }
  }

  private static Duration until(long deadlineNanos) {
    return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
  }

  private record Offer(WorkItem item, AssignStep command) {}

  /**
   * What became of an offer: neither where the workflow did not want it or asks people first.
   *
   * @param failure why it could not be made; the step is back in its line
   */
  private record HandedOut(@Nullable Lease lease, @Nullable RuntimeException failure) {}

  /**
   * Hands them out at once, so that they share a write of the log. The agent is told of a failure
   * only where it gets nothing at all.
   */
  private List<Lease> handOut(
      List<WorkItem> items, List<String> tokens, Worker worker, Duration lease)
      throws InterruptedException {
    List<Offer> offers = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      offers.add(offer(items.get(i), tokens.get(i), worker, lease));
    }
    List<HandedOut> all = AtOnce.all(offers, this::handOut);
    List<Lease> taken = all.stream().map(HandedOut::lease).filter(Objects::nonNull).toList();
    Optional<RuntimeException> failure =
        all.stream().map(HandedOut::failure).filter(Objects::nonNull).findFirst();
    if (taken.isEmpty() && failure.isPresent()) {
      throw failure.get();
    }
    return taken;
  }

  private Offer offer(WorkItem item, String token, Worker worker, Duration lease) {
    WorkflowId workflowId = new WorkflowId(item.step().workflowId());
    String stepId = item.step().stepId();
    int attempt = item.step().attempt();
    return new Offer(
        item,
        new AssignStep(
            workflowId,
            stepId,
            attempt,
            new AgentId(worker.agentId()),
            worker.abilities().autonomy(),
            new StepReservation(workflowId.value(), stepId, attempt).reservationId(),
            token,
            lease.toMillis(),
            settings.stepTimeout().toMillis(),
            clock.instant()));
  }

  private HandedOut handOut(Offer offer) {
    WorkItem item = offer.item();
    try {
      Leased leased =
          (Leased)
              commands.send(
                  Caller.system(item.tenantId(), null, null),
                  item.step().workflowId(),
                  offer.command());
      return new HandedOut(leased.lease(), null);
    } catch (CommandRejected e) {
      LOG.debug("{} is not to be had any more: {}", item.key(), e.getMessage());
      return new HandedOut(null, null);
    } catch (RuntimeException e) {
      // Back into its line: if it was handed out after all, the next try is refused.
      loop.queue().offer(item);
      return new HandedOut(null, e);
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
      loop.awaitEnd();
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

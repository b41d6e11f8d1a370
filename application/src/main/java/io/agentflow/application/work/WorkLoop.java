package io.agentflow.application.work;

import io.agentflow.application.CommandRejected;
import io.agentflow.application.UntilStopped;
import io.agentflow.application.WhoAndWhy;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.work.Timers.Timer;
import io.agentflow.eventstore.Leadership;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Follows the log and keeps the open work of this node up to date; on one node of all, which holds
 * the lead, it also sends what is due. A log that cannot be read for a while is read on from where
 * it stopped.
 */
@Component
class WorkLoop extends UntilStopped {

  private static final Logger LOG = LoggerFactory.getLogger(WorkLoop.class);

  /** Any number, the same on all nodes; these are the letters "AFTIMERS". */
  private static final long LOCK_KEY = 0x414654494d455253L;

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private static final Duration CATCH_UP_MAX = Duration.ofSeconds(2);

  /** Longer than a worker pauses before it tries a server again that was away. */
  private static final Duration GRACE_OF_LEASES = Duration.ofSeconds(5);

  private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(1);
  private static final Duration BETWEEN_CHORES = Duration.ofMinutes(10);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
  private static final long LOOK_WHETHER_CLOSED_MILLIS = 200;

  private final EventStore eventStore;
  private final LogReader log;
  private final Commands commands;
  private final Heartbeats heartbeats;
  private final List<Chore> chores;
  private final DataSource dataSource;
  private final Clock clock;
  private final WorkQueue queue = new WorkQueue();
  private final Timers timers = new Timers();
  private final Hands hands = new Hands();
  private final OpenWork work;
  private final LogTail folded = new LogTail();
  private volatile Instant leasesLastUntil = Instant.EPOCH;

  WorkLoop(
      EventStore eventStore,
      LogReader log,
      Commands commands,
      Heartbeats heartbeats,
      List<Chore> chores,
      DataSource dataSource,
      Clock clock,
      WorkSettings settings) {
    this.eventStore = eventStore;
    this.log = log;
    this.commands = commands;
    this.heartbeats = heartbeats;
    this.chores = chores;
    this.dataSource = dataSource;
    this.clock = clock;
    this.work = new OpenWork(queue, timers, hands, settings.agentOfflineAfter());
  }

  OpenWork work() {
    return work;
  }

  WorkQueue queue() {
    return queue;
  }

  Timers timers() {
    return timers;
  }

  Hands hands() {
    return hands;
  }

  /**
   * Waits until all that is in the log now is folded.
   *
   * @throws LogUnavailable when that takes too long, as it may when a node has just started: what
   *     is not known yet must not be taken for what is not there
   */
  void awaitEnd() throws InterruptedException {
    long head = log.headPosition();
    if (head > 0 && folded.awaitBeyond(head - 1, CATCH_UP_MAX) < head) {
      throw new LogUnavailable("the log's open work is still being read", null);
    }
  }

  @Override
  protected Map<String, Runnable> goingOn() {
    return Map.of("work-following", this::follow, "work-timers", this::tick);
  }

  private void follow() {
    long position = 0;
    while (isRunning()) {
      try (BlockingStream<TrackedEventMessage<?>> stream =
          eventStore.openStream(new GlobalSequenceTrackingToken(position))) {
        while (isRunning()) {
          if (stream.hasNextAvailable(
              Math.toIntExact(LOOK_WHETHER_CLOSED_MILLIS), TimeUnit.MILLISECONDS)) {
            TrackedEventMessage<?> message = stream.nextAvailable();
            long at = message.trackingToken().position().orElseThrow();
            work.apply(WhoAndWhy.tenantOf(message), at, message.getPayload());
            position = at;
            folded.advanceTo(at);
          }
        }
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether to stop");
      } catch (RuntimeException e) {
        LOG.warn("the log cannot be followed from position {}; trying again", position, e);
        pause(PAUSE_AFTER_FAILURE);
      }
    }
  }

  private void tick() {
    while (isRunning()) {
      try {
        Optional<Leadership> lead = Leadership.tryTake(dataSource, LOCK_KEY);
        if (lead.isPresent()) {
          fireWhileLeading(lead.get());
        }
      } catch (RuntimeException e) {
        LOG.warn("timers cannot be looked after; trying again", e);
      }
      pause(PAUSE_AFTER_FAILURE);
    }
  }

  private void fireWhileLeading(Leadership lead) {
    try (lead) {
      Instant checkAt = clock.instant();
      Instant choresAt = checkAt;
      leasesLastUntil = checkAt.plus(GRACE_OF_LEASES);
      while (isRunning()) {
        Instant now = clock.instant();
        if (!now.isBefore(checkAt)) {
          lead.check();
          checkAt = now.plus(BETWEEN_CHECKS);
        }
        if (!now.isBefore(choresAt)) {
          chores.forEach(Chore::run);
          choresAt = now.plus(BETWEEN_CHORES);
        }
        timers.takeDue(now).forEach(this::fire);
        pause(BETWEEN_LOOKS);
      }
    }
  }

  /** On a thread of its own: one command that waits for the log must not hold the others up. */
  private void fire(Timer timer) {
    Thread.ofVirtual().name("timer").start(() -> send(timer));
  }

  private void send(Timer timer) {
    try {
      Instant now = clock.instant();
      Optional<Instant> prolonged =
          Optional.ofNullable(timer.leaseToken()).flatMap(this::lastsUntil).filter(now::isBefore);
      if (prolonged.isPresent()) {
        timers.set(timer.at(prolonged.get()));
      } else {
        commands.send(
            Caller.system(timer.tenantId(), null, null), timer.owner(), timer.command().apply(now));
      }
    } catch (CommandRejected e) {
      LOG.debug("timer {} came too late: {}", timer.name(), e.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("timer {} failed; trying again", timer.name(), e);
      timers.set(timer.at(clock.instant().plus(PAUSE_AFTER_FAILURE)));
    }
  }

  /** While no node led, perhaps none could be told that the worker lives. */
  private Optional<Instant> lastsUntil(String leaseToken) {
    return Stream.of(heartbeats.leaseUntil(leaseToken), Optional.of(leasesLastUntil))
        .flatMap(Optional::stream)
        .max(Comparator.naturalOrder());
  }
}

package io.agentflow.bridge;

import io.agentflow.bridge.BridgeStatus.State;
import io.agentflow.bridge.BridgeStatus.StreamStatus;
import io.agentflow.bridge.Bus.StreamEnd;
import io.agentflow.eventstore.Leadership;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the streams equal to the log: reads it in order and publishes each entry once. The cursor
 * moves only over what the bus has acknowledged.
 *
 * <p>Each message names the sequence number that it must follow in its stream. So one that fails
 * takes all behind it along: no hole, no wrong order, and no second publisher can slip in. After
 * any failure each stream is asked for its last message and goes on behind that one.
 */
public final class BridgeLoop implements AutoCloseable {

  /** Any number, the same on all nodes; these are the letters "AFBRIDGE". */
  private static final long LOCK_KEY = 0x4146425249444745L;

  private static final Logger LOG = LoggerFactory.getLogger(BridgeLoop.class);

  private final DataSource dataSource;
  private final LogReader log;
  private final LogTail tail;
  private final Bus bus;
  private final BridgeCursor cursor;
  private final BridgeSettings settings;
  private final Thread thread;
  private volatile boolean closed;
  private volatile State state = State.WAITING;
  private volatile String detail = "starting";
  private volatile long position;

  public BridgeLoop(
      DataSource dataSource, LogReader log, LogTail tail, Bus bus, BridgeSettings settings) {
    this.dataSource = dataSource;
    this.log = log;
    this.tail = tail;
    this.bus = bus;
    this.cursor = new BridgeCursor(dataSource);
    this.settings = settings;
    this.thread = Thread.ofPlatform().name("bridge").daemon().unstarted(this::publishUntilClosed);
  }

  public void start() {
    thread.start();
  }

  /** How it is doing; the streams are asked now, and left out where the bus does not answer. */
  public BridgeStatus status() {
    List<StreamStatus> streams = new ArrayList<>();
    if (bus.isConnected()) {
      try {
        for (BusStream stream : BusStream.MIRROR) {
          StreamEnd end = bus.end(stream);
          streams.add(new StreamStatus(stream.name(), end.messages(), end.lastSequence()));
        }
      } catch (BusFailure e) {
        LOG.debug("the bus does not answer", e);
        streams.clear();
      }
    }
    return new BridgeStatus(state, detail, position, List.copyOf(streams));
  }

  private void publishUntilClosed() {
    int failures = 0;
    while (!closed) {
      try {
        Optional<Leadership> leadership = Leadership.tryTake(dataSource, LOCK_KEY);
        if (leadership.isEmpty()) {
          become(State.STANDBY, "another node publishes");
          pause(settings.pollInterval());
          continue;
        }
        try (Leadership lead = leadership.get()) {
          Progress progress = new Progress();
          failures = 0;
          publish(progress, lead);
        }
      } catch (BusFailure | LogUnavailable e) {
        bus.disconnect();
        if (!closed) {
          become(State.WAITING, String.valueOf(e.getMessage()));
          pause(backoff(failures++));
        }
      } catch (RuntimeException e) {
        // A fault of ours must not end the bridge without a word: it is seen in the status.
        LOG.error("the bridge failed", e);
        bus.disconnect();
        become(State.WAITING, "failed: " + e);
        pause(backoff(failures++));
      }
    }
    become(State.STOPPED, "");
  }

  /** Where each stream ends, and from where on the log has to be read. */
  private final class Progress {
    private final Map<BusStream, Long> lastSequence = new EnumMap<>(BusStream.class);
    private final Map<BusStream, Long> lastPosition = new EnumMap<>(BusStream.class);
    private long readBehind = Long.MAX_VALUE;

    /** A new stream is filled from the start; one whose messages grew too old, from the cursor. */
    Progress() {
      long acknowledged = cursor.position();
      for (BusStream stream : BusStream.MIRROR) {
        StreamEnd end = bus.end(stream);
        long told = end.lastSequence() == 0 ? 0 : end.lastPosition().orElse(acknowledged);
        lastSequence.put(stream, end.lastSequence());
        lastPosition.put(stream, told);
        readBehind = Math.min(readBehind, told);
      }
      position = acknowledged;
    }

    boolean isTold(BusStream stream, LogEntry entry) {
      return entry.position() <= lastPosition.getOrDefault(stream, 0L);
    }

    long lastSequence(BusStream stream) {
      return lastSequence.getOrDefault(stream, 0L);
    }

    void told(BusStream stream, LogEntry entry) {
      lastSequence.merge(stream, 1L, Long::sum);
      lastPosition.put(stream, entry.position());
    }
  }

  private void publish(Progress progress, Leadership lead) {
    become(State.PUBLISHING, "");
    while (!closed) {
      List<LogEntry> entries = log.after(progress.readBehind, settings.window());
      if (entries.isEmpty()) {
        awaitEntries(progress.readBehind);
        lead.check();
        if (!bus.isConnected()) {
          throw new BusFailure("the connection to NATS broke", null);
        }
        continue;
      }
      publish(entries, progress);
      progress.readBehind = entries.getLast().position();
      cursor.moveTo(progress.readBehind);
      position = progress.readBehind;
    }
  }

  private void publish(List<LogEntry> entries, Progress progress) {
    long bytesMax = bus.maxBodyBytes();
    List<CompletableFuture<PublishAck>> acknowledgements = new ArrayList<>();
    for (LogEntry entry : entries) {
      Subject subject = Subject.of(entry);
      if (progress.isTold(subject.stream(), entry)) {
        continue;
      }
      acknowledgements.add(
          bus.publishBehind(
              subject.stream(),
              progress.lastSequence(subject.stream()),
              Bus.message(subject.name(), headers(entry), Envelope.of(entry, subject, bytesMax))));
      progress.told(subject.stream(), entry);
    }
    await(acknowledgements, settings.ackTimeout());
  }

  static void await(List<CompletableFuture<PublishAck>> acknowledgements, Duration timeout) {
    try {
      CompletableFuture.allOf(acknowledgements.toArray(CompletableFuture[]::new))
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new BusFailure("NATS did not take a message: " + e.getMessage(), e);
    } catch (TimeoutException e) {
      throw new BusFailure(
          "NATS did not acknowledge within %d ms".formatted(timeout.toMillis()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusFailure("interrupted while NATS acknowledges", e);
    }
  }

  static Headers headers(LogEntry entry) {
    return new Headers()
        .add(NatsJetStreamConstants.MSG_ID_HDR, entry.eventId().toString())
        .add(Bus.POSITION_HEADER, Long.toString(entry.position()))
        .add("AF-Event-Type", entry.eventType());
  }

  private void awaitEntries(long known) {
    try {
      tail.awaitBeyond(known, settings.pollInterval());
    } catch (InterruptedException e) {
      LOG.debug("woken to look whether the bridge is closed");
    }
  }

  /** Doubles up to the maximum, a quarter more or less, so that nodes do not knock in step. */
  private Duration backoff(int failures) {
    long millis =
        Math.min(
            settings.backoffMax().toMillis(),
            settings.backoffMin().toMillis() << Math.min(failures, 10));
    return Duration.ofMillis((long) (millis * ThreadLocalRandom.current().nextDouble(0.75, 1.25)));
  }

  private void pause(Duration duration) {
    try {
      if (!closed) {
        TimeUnit.MILLISECONDS.sleep(duration.toMillis());
      }
    } catch (InterruptedException e) {
      LOG.debug("woken to look whether the bridge is closed");
    }
  }

  private void become(State newState, String newDetail) {
    if (state != newState || !detail.equals(newDetail)) {
      LOG.info("bridge {} {}", newState, newDetail);
    }
    state = newState;
    detail = newDetail;
  }

  /** Stops publishing; what is not acknowledged is published by whoever comes next. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

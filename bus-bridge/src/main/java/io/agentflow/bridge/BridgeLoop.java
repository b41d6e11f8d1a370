package io.agentflow.bridge;

import io.agentflow.bridge.BridgeStatus.State;
import io.agentflow.bridge.telemetry.BusTelemetry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the streams equal to the log, each by a {@link StreamPublisher}; a stream that is full,
 * refused or deleted does not hold up the others.
 */
public final class BridgeLoop implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BridgeLoop.class);

  private final LogReader log;
  private final LogTail tail;
  private final BridgeSession session;
  private final List<StreamPublisher> publishers;

  /** A bridge that tells everything that is told: {@link StreamContents#ALL}. */
  public BridgeLoop(
      DataSource dataSource, LogReader log, LogTail tail, Bus bus, BridgeSettings settings) {
    this(dataSource, log, tail, bus, settings, BusTelemetry.none());
  }

  /** The same, watched. */
  public BridgeLoop(
      DataSource dataSource,
      LogReader log,
      LogTail tail,
      Bus bus,
      BridgeSettings settings,
      BusTelemetry telemetry) {
    this(dataSource, log, tail, bus, settings, StreamContents.ALL, telemetry);
  }

  BridgeLoop(
      DataSource dataSource,
      LogReader log,
      LogTail tail,
      Bus bus,
      BridgeSettings settings,
      List<StreamContent> contents,
      BusTelemetry telemetry) {
    this.log = log;
    this.tail = tail;
    this.session = new BridgeSession(dataSource);
    this.publishers =
        contents.stream()
            .map(
                content ->
                    new StreamPublisher(
                        content,
                        session,
                        log,
                        tail,
                        bus.another(),
                        settings,
                        new StreamWatch(telemetry, content.stream())))
            .toList();
    publishers.forEach(publisher -> publisher.watched(this::head));
  }

  public void start() {
    publishers.forEach(StreamPublisher::start);
  }

  /** How it is doing; the streams are asked now, as far as the bus answers. */
  public BridgeStatus status() {
    long head = head();
    StreamPublisher worst =
        publishers.stream().max(Comparator.comparing(StreamPublisher::state)).orElseThrow();
    State state = worst.state();
    return new BridgeStatus(
        state,
        worst.detail(),
        publishers.stream().mapToLong(StreamPublisher::position).min().orElse(0),
        publishers.stream()
            .map(StreamPublisher::serverVersion)
            .flatMap(Optional::stream)
            .findFirst()
            .orElse(null),
        publishers.stream().map(publisher -> publisher.status(head)).toList());
  }

  private long head() {
    try {
      return log.headPosition();
    } catch (LogUnavailable e) {
      LOG.debug("the log does not say where it ends", e);
      return tail.position();
    }
  }

  /** Stops publishing; what is not acknowledged is published by whoever comes next. */
  @Override
  public void close() {
    publishers.forEach(StreamPublisher::stop);
    try {
      for (StreamPublisher publisher : publishers) {
        publisher.awaitStopped();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    session.close();
  }
}

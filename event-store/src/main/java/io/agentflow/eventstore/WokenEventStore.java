package io.agentflow.eventstore;

import java.time.Duration;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;

/**
 * Axon's event store, whose readers are told as soon as this node hears that the log has grown,
 * also by another node's hand. Axon's own streams tell nobody: its pooled processors would look
 * twice a second.
 */
public final class WokenEventStore extends EmbeddedEventStore implements AutoCloseable {

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

  private final EventStorageEngine engine;
  private final TailBuffer buffer;

  /** A store whose readers follow this tail, and look twice a second for what it was not told. */
  public WokenEventStore(EventStorageEngine engine, LogTail tail) {
    this(engine, tail, BETWEEN_LOOKS);
  }

  /**
   * A store whose readers follow this tail.
   *
   * @param betweenLooks what was appended elsewhere and not told is found after this time
   */
  public WokenEventStore(EventStorageEngine engine, LogTail tail, Duration betweenLooks) {
    super(EmbeddedEventStore.builder().storageEngine(engine));
    this.engine = engine;
    this.buffer = new TailBuffer(engine, tail, betweenLooks);
  }

  @Override
  public TrackingEventStream openStream(@Nullable TrackingToken token) {
    return new TailedStream(engine, buffer, token == null ? 0 : token.position().orElseThrow());
  }

  @Override
  public void close() {
    buffer.close();
  }
}

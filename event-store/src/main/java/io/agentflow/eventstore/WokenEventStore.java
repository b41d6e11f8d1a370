package io.agentflow.eventstore;

import java.time.Duration;
import java.util.List;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Axon's event store, whose readers wake as soon as this node hears that the log has grown, also by
 * another node's hand, and not only when they poll next.
 */
public final class WokenEventStore extends EmbeddedEventStore implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WokenEventStore.class);
  private static final Duration LOOK_WHETHER_CLOSED = Duration.ofSeconds(1);

  private final LogTail tail;
  private final Thread waking;
  private volatile boolean closed;

  /**
   * A store whose readers follow this tail.
   *
   * @param builder with the storage engine
   */
  public WokenEventStore(Builder builder, LogTail tail) {
    super(builder);
    this.tail = tail;
    this.waking = Thread.ofVirtual().name("log-waking").start(this::wakeUntilClosed);
  }

  private void wakeUntilClosed() {
    long known = 0;
    while (!closed) {
      try {
        long position = tail.awaitBeyond(known, LOOK_WHETHER_CLOSED);
        if (position > known) {
          known = position;
          afterCommit(List.of());
        }
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether the log is closed");
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    waking.interrupt();
  }
}

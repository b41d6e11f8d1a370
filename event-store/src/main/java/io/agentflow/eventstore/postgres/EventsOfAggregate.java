package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.LogEntry;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.axonframework.eventhandling.TrackedEventMessage;

/** What an aggregate did, as Axon's messages with their positions. */
public final class EventsOfAggregate {

  private static final int PAGE_ENTRIES = 500;
  private static final long BEFORE_THE_FIRST = -1;

  private final Entries entries;
  private final LogMessages messages;

  /** Reads by a reader of one tenant's log or of all. */
  public EventsOfAggregate(Entries entries, SpokenNameSerializer events) {
    this.entries = entries;
    this.messages = new LogMessages(events);
  }

  /** A page of what an aggregate of a tenant did behind a sequence number, in order. */
  @FunctionalInterface
  public interface Entries {
    List<LogEntry> page(
        String tenantId,
        String aggregateId,
        long afterSequenceNumber,
        long lastPosition,
        int limit);
  }

  /**
   * What the aggregate did behind a position of the log and up to another; read page by page, the
   * next one while the one before is gone through, by another thread.
   */
  public Stream<TrackedEventMessage<?>> read(
      String tenantId, String aggregateId, long afterPosition, long lastPosition) {
    Iterator<LogEntry> found =
        new Pages(
            BEFORE_THE_FIRST,
            PAGE_ENTRIES,
            (after, limit) -> entries.page(tenantId, aggregateId, after, lastPosition, limit),
            LogEntry::sequenceNumber);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(
                found, Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL),
            false)
        .dropWhile(entry -> entry.position() <= afterPosition)
        .map(messages::tracked);
  }
}

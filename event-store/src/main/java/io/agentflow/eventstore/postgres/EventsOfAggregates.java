package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.LogEntry;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.axonframework.eventhandling.TrackedEventMessage;

/** What aggregates did, as Axon's messages with their positions. */
public final class EventsOfAggregates {

  private static final int PAGE_ENTRIES = 1_000;

  private final Entries entries;
  private final LogMessages messages;

  /** Reads by a reader of one tenant's log or of all. */
  public EventsOfAggregates(Entries entries, SpokenNameSerializer events) {
    this.entries = entries;
    this.messages = new LogMessages(events);
  }

  /** A page of what aggregates of a tenant did, in the log's order. */
  @FunctionalInterface
  public interface Entries {
    List<LogEntry> page(
        String tenantId,
        Collection<String> aggregateIds,
        long afterPosition,
        long lastPosition,
        int limit);
  }

  /** What these aggregates did behind a position and up to another; read page by page. */
  public Stream<TrackedEventMessage<?>> read(
      String tenantId, Collection<String> aggregateIds, long afterPosition, long lastPosition) {
    Iterator<LogEntry> found =
        new Pages(
            afterPosition,
            PAGE_ENTRIES,
            (after, limit) -> entries.page(tenantId, aggregateIds, after, lastPosition, limit),
            LogEntry::position);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(
                found, Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL),
            false)
        .map(messages::tracked);
  }
}

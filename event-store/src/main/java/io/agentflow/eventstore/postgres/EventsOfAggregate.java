package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.LogEntry;
import java.util.List;
import java.util.stream.Stream;
import org.axonframework.eventhandling.TrackedEventMessage;

/** What an aggregate did, as Axon's messages with their positions. */
public final class EventsOfAggregate {

  private static final int PAGE_ENTRIES = 1_000;
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
        long afterPosition,
        long lastPosition,
        int limit);
  }

  /**
   * What the aggregate did behind a position of the log and up to another; read page by page, by
   * the thread that asks: it is the one that is shown the tenant's entries.
   */
  public Stream<TrackedEventMessage<?>> read(
      String tenantId, String aggregateId, long afterPosition, long lastPosition) {
    return Stream.iterate(
            page(tenantId, aggregateId, BEFORE_THE_FIRST, afterPosition, lastPosition),
            page -> !page.isEmpty(),
            page ->
                page.size() < PAGE_ENTRIES
                    ? List.<LogEntry>of()
                    : page(
                        tenantId,
                        aggregateId,
                        page.getLast().sequenceNumber(),
                        afterPosition,
                        lastPosition))
        .flatMap(List::stream)
        .map(messages::tracked);
  }

  private List<LogEntry> page(
      String tenantId, String aggregateId, long after, long afterPosition, long lastPosition) {
    return entries.page(tenantId, aggregateId, after, afterPosition, lastPosition, PAGE_ENTRIES);
  }
}

package io.agentflow.eventstore.postgres;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.AppendedEntries;
import io.agentflow.eventstore.BelievedNew;
import io.agentflow.eventstore.EventTooLarge;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.NewReceipt;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;

/**
 * The hash-chained log as Axon's storage engine. Tokens are plain positions, because the log has no
 * gaps. Appending blocks until the node's {@link LogWriter} has committed the unit of work.
 *
 * <p>Refused: an event of no aggregate, one whose metadata names no tenant, and one that is too
 * large ({@link EventTooLarge}).
 */
public final class PostgresEventStorageEngine implements EventStorageEngine {

  /** Under this key the tenant travels in Axon's metadata; in the log it is a column. */
  public static final String TENANT_ID = "tenantId";

  private static final int TAIL_PAGE_ENTRIES = 1_000;
  private static final int AGGREGATE_PAGE_ENTRIES = 250;
  private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private final LogWriter writer;
  private final LogReader reader;
  private final TenantLog aggregates;
  private final SpokenNameSerializer events;
  private final LogMessages messages;
  private final Snapshots snapshots;

  /**
   * An engine that appends by this writer and reads by this reader.
   *
   * @param aggregates reads what single aggregates did
   * @param events writes events under their spoken names and reads them
   */
  public PostgresEventStorageEngine(
      LogWriter writer,
      LogReader reader,
      TenantLog aggregates,
      SpokenNameSerializer events,
      Snapshots snapshots) {
    this.writer = writer;
    this.reader = reader;
    this.aggregates = aggregates;
    this.events = events;
    this.messages = new LogMessages(events);
    this.snapshots = snapshots;
  }

  @Override
  public void appendEvents(List<? extends EventMessage<?>> appended) {
    if (!appended.isEmpty()) {
      AppendedEntries.add(
          writer.append(
              appended.stream().<NewEntry>map(this::newEntry).toList(),
              NewReceipt.ofCurrentCommand().orElse(null)));
    }
  }

  private NewEntry newEntry(EventMessage<?> message) {
    if (!(message instanceof DomainEventMessage<?> event)) {
      throw new IllegalArgumentException(
          "only aggregates append to the log, not " + message.getPayloadType().getName());
    }
    return new NewEntry(
        tenantOf(event),
        UUID.fromString(event.getIdentifier()),
        event.getType(),
        event.getAggregateIdentifier(),
        event.getSequenceNumber(),
        events.typeOf(event.getPayload()),
        event.getTimestamp().truncatedTo(ChronoUnit.MICROS),
        metadataOf(event),
        events.canonicalPayload(event.getPayload()),
        event);
  }

  private static String tenantOf(DomainEventMessage<?> event) {
    if (event.getMetaData().get(TENANT_ID) instanceof String tenantId
        && TENANT.matcher(tenantId).matches()) {
      return tenantId;
    }
    throw new IllegalArgumentException(
        "event %s has no tenant: metadata %s must match %s"
            .formatted(event.getIdentifier(), TENANT_ID, TENANT));
  }

  private static String metadataOf(DomainEventMessage<?> event) {
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, ?> entry : event.getMetaData().entrySet()) {
      if (!(entry.getValue() instanceof String text)) {
        throw new IllegalArgumentException(
            "metadata of an event is text; %s is %s".formatted(entry.getKey(), entry.getValue()));
      }
      if (!entry.getKey().equals(TENANT_ID)) {
        metadata.put(entry.getKey(), text);
      }
    }
    return CanonicalJson.canonicalize(metadata);
  }

  /** Reads on from a token (null for the start) to where the log ends, page by page. */
  @Override
  public Stream<? extends TrackedEventMessage<?>> readEvents(
      @Nullable TrackingToken token, boolean mayBlock) {
    long start = token == null ? 0 : token.position().orElseThrow();
    Iterator<LogEntry> entries =
        new Pages(start, TAIL_PAGE_ENTRIES, reader::after, LogEntry::position);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(
                entries, Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL),
            false)
        .map(messages::tracked);
  }

  @Override
  public DomainEventStream readEvents(String aggregateIdentifier, long firstSequenceNumber) {
    if (BelievedNew.is(aggregateIdentifier)) {
      return DomainEventStream.empty();
    }
    Iterator<LogEntry> entries =
        new Pages(
            firstSequenceNumber - 1,
            AGGREGATE_PAGE_ENTRIES,
            (after, limit) -> aggregates.ofAggregate(aggregateIdentifier, after, limit),
            LogEntry::sequenceNumber,
            // Another thread works for no tenant, and would be shown nothing.
            Runnable::run);
    return new LogMessages.OfAggregate(messages, entries);
  }

  @Override
  public Optional<Long> lastSequenceNumberFor(String aggregateIdentifier) {
    return reader.lastSequenceNumber(aggregateIdentifier);
  }

  /** Before the first entry. */
  @Override
  public TrackingToken createTailToken() {
    return new GlobalSequenceTrackingToken(0);
  }

  /** After the last entry. */
  @Override
  public TrackingToken createHeadToken() {
    return new GlobalSequenceTrackingToken(reader.headPosition());
  }

  /** Before the first entry that occurred at the instant or later; after the last if none did. */
  @Override
  public TrackingToken createTokenAt(Instant instant) {
    return new GlobalSequenceTrackingToken(reader.positionBefore(instant));
  }

  @Override
  public void storeSnapshot(DomainEventMessage<?> snapshot) {
    snapshots.store(snapshot);
  }

  /** Read at once, so that one that cannot be read is passed over and the events are folded. */
  @Override
  public Optional<DomainEventMessage<?>> readSnapshot(String aggregateIdentifier) {
    return BelievedNew.is(aggregateIdentifier)
        ? Optional.empty()
        : snapshots.find(aggregateIdentifier);
  }
}

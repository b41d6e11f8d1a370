package io.agentflow.eventstore.postgres;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.AppendedEntries;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventEntry;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedDomainEventData;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.BatchingEventStorageEngine;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * The hash-chained log as Axon's storage engine. Tokens are plain positions, because the log has no
 * gaps. Appending blocks until the node's {@link LogWriter} has committed the unit of work.
 *
 * <p>Refused: an event of no aggregate, and an event whose metadata names no tenant.
 */
public final class PostgresEventStorageEngine extends BatchingEventStorageEngine {

  /** Under this key the tenant travels in Axon's metadata; in the log it is a column. */
  public static final String TENANT_ID = "tenantId";

  private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private final LogWriter writer;
  private final LogReader reader;
  private final Snapshots snapshots;

  /** Collects what the engine is made of; Axon's base class wants a builder. */
  public static final class Builder extends BatchingEventStorageEngine.Builder {}

  public PostgresEventStorageEngine(
      LogWriter writer, LogReader reader, SpokenNameSerializer events, Snapshots snapshots) {
    super(builder(events, snapshots));
    this.writer = writer;
    this.reader = reader;
    this.snapshots = snapshots;
  }

  private static Builder builder(SpokenNameSerializer events, Snapshots snapshots) {
    Builder builder = new Builder();
    builder.eventSerializer(events);
    builder.snapshotSerializer(snapshots.serializer());
    return builder;
  }

  @Override
  protected void appendEvents(List<? extends EventMessage<?>> events, Serializer serializer) {
    if (!events.isEmpty()) {
      AppendedEntries.add(
          writer.append(events.stream().map(event -> newEntry(event, serializer)).toList()));
    }
  }

  private static NewEntry newEntry(EventMessage<?> message, Serializer serializer) {
    if (!(message instanceof DomainEventMessage<?> event)) {
      throw new IllegalArgumentException(
          "only aggregates append to the log, not " + message.getPayloadType().getName());
    }
    SerializedObject<String> payload = event.serializePayload(serializer, String.class);
    return new NewEntry(
        tenantOf(event),
        UUID.fromString(event.getIdentifier()),
        event.getType(),
        event.getAggregateIdentifier(),
        event.getSequenceNumber(),
        new EventType(
            payload.getType().getName(), Integer.parseInt(payload.getType().getRevision())),
        event.getTimestamp().truncatedTo(ChronoUnit.MICROS),
        metadataOf(event),
        CanonicalJson.canonicalize(payload.getData()));
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

  @Override
  protected List<? extends TrackedEventData<?>> fetchTrackedEvents(
      @Nullable TrackingToken lastToken, int batchSize) {
    return reader.after(positionOf(lastToken), batchSize).stream()
        .map(
            entry ->
                new TrackedDomainEventData<>(
                    new GlobalSequenceTrackingToken(entry.position()), domainEvent(entry)))
        .toList();
  }

  private static long positionOf(@Nullable TrackingToken token) {
    return token == null ? 0 : token.position().orElseThrow();
  }

  @Override
  protected List<? extends DomainEventData<?>> fetchDomainEvents(
      String aggregateIdentifier, long firstSequenceNumber, int batchSize) {
    return reader.ofAggregate(aggregateIdentifier, firstSequenceNumber - 1, batchSize).stream()
        .map(PostgresEventStorageEngine::domainEvent)
        .toList();
  }

  private static DomainEventData<String> domainEvent(LogEntry entry) {
    return new GenericDomainEventEntry<>(
        entry.aggregateType(),
        entry.aggregateId(),
        entry.sequenceNumber(),
        entry.eventId().toString(),
        // As text: an Instant would be cut to milliseconds.
        entry.occurredAt().toString(),
        entry.eventType(),
        Integer.toString(entry.eventVersion()),
        entry.payload(),
        withTenant(entry.metadata(), entry.tenantId()));
  }

  /** Neither part needs escaping: the tenant's form allows nothing that JSON would escape. */
  private static String withTenant(String metadata, String tenantId) {
    String tenant = "{\"" + TENANT_ID + "\":\"" + tenantId + "\"";
    return metadata.equals("{}") ? tenant + "}" : tenant + "," + metadata.substring(1);
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
  protected void storeSnapshot(DomainEventMessage<?> snapshot, Serializer serializer) {
    snapshots.store(snapshot);
  }

  /** Read at once, so that one that cannot be read is passed over and the events are folded. */
  @Override
  public Optional<DomainEventMessage<?>> readSnapshot(String aggregateIdentifier) {
    return snapshots.find(aggregateIdentifier);
  }

  @Override
  protected Stream<? extends DomainEventData<?>> readSnapshotData(String aggregateIdentifier) {
    throw new UnsupportedOperationException("snapshots are read by readSnapshot");
  }
}

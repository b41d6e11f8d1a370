package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.LogEntry;
import java.util.Iterator;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializedMessage;
import org.axonframework.serialization.SimpleSerializedObject;
import org.jspecify.annotations.Nullable;

/**
 * Entries as Axon's messages. Payload and metadata are read only when somebody looks at them: most
 * readers care for some events alone.
 */
final class LogMessages {

  private final SpokenNameSerializer events;

  LogMessages(SpokenNameSerializer events) {
    this.events = events;
  }

  TrackedEventMessage<?> tracked(LogEntry entry) {
    return new GenericTrackedDomainEventMessage<>(
        new GlobalSequenceTrackingToken(entry.position()),
        entry.aggregateType(),
        entry.aggregateId(),
        entry.sequenceNumber(),
        content(entry),
        entry::occurredAt);
  }

  /** What this node has just appended, as it would read it back. */
  static TrackedEventMessage<?> tracked(NewEntry entry, long position) {
    return new GenericTrackedDomainEventMessage<>(
        new GlobalSequenceTrackingToken(position),
        entry.aggregateType(),
        entry.aggregateId(),
        entry.sequenceNumber(),
        entry.message(),
        entry::occurredAt);
  }

  private DomainEventMessage<?> ofAggregate(LogEntry entry) {
    return new GenericDomainEventMessage<>(
        entry.aggregateType(),
        entry.aggregateId(),
        entry.sequenceNumber(),
        content(entry),
        entry.occurredAt());
  }

  private SerializedMessage<?> content(LogEntry entry) {
    return new SerializedMessage<>(
        entry.eventId().toString(),
        new SimpleSerializedObject<>(
            entry.payload(),
            String.class,
            entry.eventType(),
            Integer.toString(entry.eventVersion())),
        new SimpleSerializedObject<>(
            withTenant(entry.metadata(), entry.tenantId()),
            String.class,
            MetaData.class.getName(),
            null),
        events);
  }

  /** Neither part needs escaping: the tenant's form allows nothing that JSON would escape. */
  private static String withTenant(String metadata, String tenantId) {
    String tenant = "{\"" + PostgresEventStorageEngine.TENANT_ID + "\":\"" + tenantId + "\"";
    return metadata.equals("{}") ? tenant + "}" : tenant + "," + metadata.substring(1);
  }

  /** One aggregate's events, in order. */
  static final class OfAggregate implements DomainEventStream {

    private final LogMessages messages;
    private final Iterator<LogEntry> entries;
    private @Nullable DomainEventMessage<?> peeked;
    private @Nullable Long lastSequenceNumber;

    OfAggregate(LogMessages messages, Iterator<LogEntry> entries) {
      this.messages = messages;
      this.entries = entries;
    }

    @Override
    public DomainEventMessage<?> peek() {
      DomainEventMessage<?> next = peeked;
      if (next == null) {
        next = messages.ofAggregate(entries.next());
        peeked = next;
      }
      return next;
    }

    @Override
    public boolean hasNext() {
      return peeked != null || entries.hasNext();
    }

    @Override
    public DomainEventMessage<?> next() {
      DomainEventMessage<?> next = peek();
      peeked = null;
      lastSequenceNumber = next.getSequenceNumber();
      return next;
    }

    @Override
    @SuppressWarnings("NullAway") // Axon's contract: null before the first event
    public Long getLastSequenceNumber() {
      return lastSequenceNumber;
    }
  }
}

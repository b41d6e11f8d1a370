package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.EventTooLarge;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.chain.ChainLink;
import java.time.Instant;
import java.util.UUID;
import org.axonframework.eventhandling.DomainEventMessage;

/**
 * What is to be appended: an entry without its place in the log.
 *
 * @param occurredAt cut to microseconds
 * @param metadata canonical JSON
 * @param payload canonical JSON
 * @param record what will be hashed, but for the entry's place
 * @param message the event itself, for those on this node who follow the log
 */
record NewEntry(
    String tenantId,
    UUID eventId,
    String aggregateType,
    String aggregateId,
    long sequenceNumber,
    EventType type,
    Instant occurredAt,
    String metadata,
    String payload,
    ChainLink.UnplacedRecord record,
    DomainEventMessage<?> message) {

  /** Longest payload: who reads the log holds some entries at once in memory. */
  static final int PAYLOAD_CHARS_MAX = 16_000_000;

  NewEntry {
    if (payload.length() > PAYLOAD_CHARS_MAX) {
      throw new EventTooLarge(type.name(), payload.length(), PAYLOAD_CHARS_MAX);
    }
  }

  /** Prepares the record here, on the thread of the caller: the writer's own is the narrow pass. */
  NewEntry(
      String tenantId,
      UUID eventId,
      String aggregateType,
      String aggregateId,
      long sequenceNumber,
      EventType type,
      Instant occurredAt,
      String metadata,
      String payload,
      DomainEventMessage<?> message) {
    this(
        tenantId,
        eventId,
        aggregateType,
        aggregateId,
        sequenceNumber,
        type,
        occurredAt,
        metadata,
        payload,
        ChainLink.unplacedRecord(
            aggregateId,
            aggregateType,
            eventId,
            type.name(),
            type.version(),
            metadata,
            occurredAt,
            payload,
            sequenceNumber,
            tenantId),
        message);
  }
}

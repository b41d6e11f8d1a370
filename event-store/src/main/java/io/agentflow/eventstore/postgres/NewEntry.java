package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.EventType;
import java.time.Instant;
import java.util.UUID;

/**
 * What is to be appended: an entry without its place in the log.
 *
 * @param occurredAt cut to microseconds
 * @param metadata canonical JSON
 * @param payload canonical JSON
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
    String payload) {}

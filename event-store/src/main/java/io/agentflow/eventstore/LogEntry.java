package io.agentflow.eventstore;

import java.time.Instant;
import java.util.UUID;

/**
 * One entry of the log, exactly as stored.
 *
 * @param position gapless over all tenants, in commit order, from 1; not part of the hash
 * @param tenantPosition gapless within the tenant, from 1
 * @param sequenceNumber gapless within the aggregate, from 0
 * @param eventType the spoken name, for example {@code workflow.created}
 * @param occurredAt cut to microseconds
 * @param metadata canonical JSON (RFC 8785)
 * @param payload canonical JSON (RFC 8785)
 */
public record LogEntry(
    long position,
    String tenantId,
    long tenantPosition,
    UUID eventId,
    String aggregateType,
    String aggregateId,
    long sequenceNumber,
    String eventType,
    int eventVersion,
    Instant occurredAt,
    String metadata,
    String payload,
    Hash prevHash,
    Hash hash) {}

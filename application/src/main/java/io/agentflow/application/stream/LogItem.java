package io.agentflow.application.stream;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.agentflow.eventstore.LogEntry;
import java.time.Instant;
import java.util.UUID;

/**
 * One entry of the log as clients see it, in histories and in streams alike: metadata and payload
 * are the stored bytes, unchanged.
 *
 * @param sequence gapless within the aggregate, from 0
 * @param position gapless over all tenants, from 1
 * @param tenantPosition gapless within the tenant, from 1
 */
public record LogItem(
    long sequence,
    long position,
    long tenantPosition,
    UUID eventId,
    String aggregateType,
    String aggregateId,
    String type,
    int version,
    Instant occurredAt,
    @JsonRawValue String metadata,
    @JsonRawValue String payload,
    String prevHash,
    String hash) {

  public static LogItem of(LogEntry entry) {
    return new LogItem(
        entry.sequenceNumber(),
        entry.position(),
        entry.tenantPosition(),
        entry.eventId(),
        entry.aggregateType(),
        entry.aggregateId(),
        entry.eventType(),
        entry.eventVersion(),
        entry.occurredAt(),
        entry.metadata(),
        entry.payload(),
        entry.prevHash().hex(),
        entry.hash().hex());
  }
}

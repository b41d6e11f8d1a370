package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;

/** An entry with the place that it is to have in the log. */
record PlacedEntry(NewEntry entry, long position, long tenantPosition, Hash prevHash, Hash hash) {

  Appended appended() {
    return new Appended(entry.aggregateId(), entry.sequenceNumber(), position, hash);
  }

  /** As it is read back once it is appended. */
  LogEntry logEntry() {
    return new LogEntry(
        position,
        entry.tenantId(),
        tenantPosition,
        entry.eventId(),
        entry.aggregateType(),
        entry.aggregateId(),
        entry.sequenceNumber(),
        entry.type().name(),
        entry.type().version(),
        entry.occurredAt(),
        entry.metadata(),
        entry.payload(),
        prevHash,
        hash);
  }
}

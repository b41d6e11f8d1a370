package io.agentflow.eventstore.simulation;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.util.List;
import java.util.UUID;

/** An event as a node is about to send it to the log: one word in what it tells the driver. */
record SentEvent(
    String tenantId, String aggregateId, long sequenceNumber, UUID eventId, long amount) {

  static SentEvent parse(String word) {
    List<String> fields = List.of(word.split("/", -1));
    return new SentEvent(
        fields.get(0),
        fields.get(1),
        Long.parseLong(fields.get(2)),
        UUID.fromString(fields.get(3)),
        Long.parseLong(fields.get(4)));
  }

  /** The same, as the log has it. */
  static SentEvent of(LogEntry entry) {
    return new SentEvent(
        entry.tenantId(),
        entry.aggregateId(),
        entry.sequenceNumber(),
        entry.eventId(),
        CanonicalJson.parse(entry.payload()).get("amount").longValue());
  }

  /** The form that {@link #parse} reads. */
  String word() {
    return tenantId + "/" + aggregateId + "/" + sequenceNumber + "/" + eventId + "/" + amount;
  }
}

package io.agentflow.bridge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.Ulid;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log entry as a message: message contract v1. Its id is the event's id written as a ULID, the
 * same 128 bits; its hash is SHA-256 over the canonical form (RFC 8785) without the hash itself.
 */
final class Envelope {

  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}");

  private Envelope() {}

  /** The entry, whole where it fits, else as a reference into the log. */
  static byte[] of(LogEntry entry, Subject subject, long bytesMax) {
    byte[] whole = whole(entry, subject);
    return whole.length <= bytesMax ? whole : referenceTo(entry, subject);
  }

  static byte[] whole(LogEntry entry, Subject subject) {
    return sealed(entry, subject, CanonicalJson.parse(entry.payload()));
  }

  /** In place of an entry that is too large for the bus: where in the log it is, and its hash. */
  static byte[] referenceTo(LogEntry entry, Subject subject) {
    ObjectNode reference = JsonNodeFactory.instance.objectNode();
    reference
        .putObject("reference")
        .put("position", entry.position())
        .put("hash", entry.hash().hex())
        .put("bytes", bytes(entry.payload()).length);
    return sealed(entry, subject, reference);
  }

  private static byte[] sealed(LogEntry entry, Subject subject, JsonNode payload) {
    JsonNode metadata = CanonicalJson.parse(entry.metadata());
    Matcher trace = TRACEPARENT.matcher(metadata.path("traceparent").asText(""));
    boolean traced = trace.matches();
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope
        .put("id", Ulid.from(entry.eventId()).toString())
        .put("trace_id", traced ? trace.group(1) : "")
        .put("span_id", traced ? trace.group(2) : "")
        .put("from", payload.path("from").asText(metadata.path("actor").asText("agentflow")))
        .put("to", payload.path("to").asText(subject.name()))
        .put("type", "event");
    envelope.set("payload", payload);
    envelope.set("metadata", metadata(entry, metadata));
    envelope.set("cost", cost(entry, payload));
    envelope.put("ts", ChainLink.timestamp(entry.occurredAt()));
    envelope.put("envelope_hash", Hash.sha256(bytes(CanonicalJson.canonicalize(envelope))).hex());
    return bytes(CanonicalJson.canonicalize(envelope));
  }

  private static ObjectNode metadata(LogEntry entry, JsonNode metadata) {
    ObjectNode told = metadata.deepCopy();
    return told.put("tenant_id", entry.tenantId())
        .put("aggregate_type", entry.aggregateType())
        .put("aggregate_id", entry.aggregateId())
        .put(entry.aggregateType() + "_id", entry.aggregateId())
        .put("sequence_number", entry.sequenceNumber())
        .put("event_type", entry.eventType())
        .put("event_version", entry.eventVersion())
        .put("position", entry.position())
        .put("tenant_position", entry.tenantPosition())
        .put("prev_hash", entry.prevHash().hex())
        .put("hash", entry.hash().hex());
  }

  /** What the message or call itself cost; budgets speak of amounts, which are not costs. */
  private static ObjectNode cost(LogEntry entry, JsonNode payload) {
    boolean costs = entry.aggregateType().equals("workflow");
    long microDollars = costs ? payload.path("microDollars").asLong() : 0;
    return JsonNodeFactory.instance
        .objectNode()
        .put("tokens", costs ? payload.path("tokens").asLong() : 0)
        .put("dollars", BigDecimal.valueOf(microDollars, 6));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

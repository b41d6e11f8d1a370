package io.agentflow.bridge.integration;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event for others, in the form of the public contract. It says what one entry of the log says,
 * its id is derived from that entry's, its time is that entry's: made again, however much later, it
 * is the same byte for byte.
 *
 * @param runId the workflow that it is about
 * @param taskId the attempt of a step that it is about, {@code <workflow>:<step>:<attempt>}
 * @param agentId the agent that it is about, as far as the entry names it
 * @param data what is particular to the type
 */
public record IntegrationEvent(
    PublicEventType type,
    LogEntry entry,
    String runId,
    @Nullable String taskId,
    @Nullable String agentId,
    ObjectNode data) {

  /** The events of the log that may be told; no other is. */
  public static Set<String> entryTypes() {
    return Mapping.ENTRY_TYPES;
  }

  /** What the entry tells others; empty where no public type is about it. */
  public static Optional<IntegrationEvent> of(LogEntry entry) {
    return Mapping.of(entry);
  }

  /** A UUID of version 5: of the entry's event id as namespace, and the type as name. */
  public UUID eventId() {
    return UuidCreator.getNameBasedSha1(entry.eventId(), type.majorVersionName());
  }

  /** Where it is published, for example {@code af.acme.events.task.created}. */
  public String subject() {
    return type.subject(entry.tenantId());
  }

  /**
   * As it is published: canonical JSON (RFC 8785).
   *
   * @param bytesMax where it would be larger, its data are a reference to the entry
   */
  public byte[] body(long bytesMax) {
    byte[] whole = bytes(data);
    return whole.length <= bytesMax ? whole : bytes(reference());
  }

  private ObjectNode reference() {
    ObjectNode reference = JsonNodeFactory.instance.objectNode();
    reference
        .putObject("reference")
        .put("position", entry.position())
        .put("hash", entry.hash().hex())
        .put("bytes", entry.payload().getBytes(StandardCharsets.UTF_8).length);
    return reference;
  }

  private byte[] bytes(ObjectNode told) {
    ObjectNode event =
        JsonNodeFactory.instance
            .objectNode()
            .put("event_type", type.spokenName())
            .put("version", type.version())
            .put("event_id", eventId().toString())
            .put("timestamp", ChainLink.timestamp(entry.occurredAt()))
            .put("workspace_id", entry.tenantId())
            .put("run_id", runId);
    if (taskId != null) {
      event.put("task_id", taskId);
    }
    if (agentId != null) {
      event.put("agent_id", agentId);
    }
    event.set("data", told);
    return CanonicalJson.canonicalize(event).getBytes(StandardCharsets.UTF_8);
  }
}

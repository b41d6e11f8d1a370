package io.agentflow.bridge.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import org.jspecify.annotations.Nullable;

/** An entry of a workflow, read for what the public types ask of it. */
final class Fact {

  private final LogEntry entry;
  private final JsonNode payload;

  Fact(LogEntry entry) {
    this.entry = entry;
    this.payload = CanonicalJson.parse(entry.payload());
  }

  /** An event about the workflow as a whole. */
  IntegrationEvent ofRun(PublicEventType type, ObjectNode data) {
    return new IntegrationEvent(type, entry, workflowId(), null, text("agentId"), data);
  }

  /** An event about the attempt that the entry names. */
  IntegrationEvent ofTask(PublicEventType type, ObjectNode data) {
    return new IntegrationEvent(
        type,
        entry,
        workflowId(),
        "%s:%s:%d".formatted(workflowId(), text("stepId"), attempt()),
        text("agentId"),
        data);
  }

  String workflowId() {
    return entry.aggregateId();
  }

  long attempt() {
    return payload.path("attempt").asLong();
  }

  boolean has(String field) {
    return payload.has(field);
  }

  boolean is(String field, String value) {
    return value.equals(text(field));
  }

  boolean isTrue(String field) {
    return payload.path(field).asBoolean();
  }

  /** Null where the entry has none. */
  @Nullable String text(String field) {
    return payload.path(field).textValue();
  }

  /** When it became true, as text. */
  String at() {
    return ChainLink.timestamp(entry.occurredAt());
  }

  /** Who asked for it; null where the entry does not say. */
  @Nullable String actor() {
    return CanonicalJson.parse(entry.metadata()).path("actor").textValue();
  }

  /** Data to begin with. */
  static ObjectNode data() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The entry's fields as they are, under the names that the contract spells. */
  ObjectNode taken(String... fieldAndName) {
    ObjectNode data = data();
    for (int i = 0; i < fieldAndName.length; i += 2) {
      if (payload.has(fieldAndName[i])) {
        data.set(fieldAndName[i + 1], payload.get(fieldAndName[i]));
      }
    }
    return data;
  }

  /** The same, behind what is there already. */
  ObjectNode add(ObjectNode data, String... fieldAndName) {
    return data.setAll(taken(fieldAndName));
  }

  /** The actor under this name, where the entry says who it was. */
  ObjectNode addActor(ObjectNode data, String name) {
    String actor = actor();
    return actor == null ? data : data.put(name, actor);
  }
}

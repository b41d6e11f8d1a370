package io.agentflow.eventstore.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.EventTypes;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializationException;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.json.JacksonSerializer;

/**
 * Events as JSON under their spoken names and versions: no Java class name ever reaches the log.
 * What is absent is left out; what this node does not know is refused, never skipped.
 */
public final class SpokenNameSerializer extends JacksonSerializer {

  private final EventTypes eventTypes;

  public SpokenNameSerializer(EventTypes eventTypes) {
    super(JacksonSerializer.builder().objectMapper(objectMapper()));
    this.eventTypes = eventTypes;
  }

  private static ObjectMapper objectMapper() {
    return JsonMapper.builder()
        .defaultPropertyInclusion(
            JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .build();
  }

  @Override
  public SerializedType typeForClass(@SuppressWarnings("rawtypes") Class type) {
    if (MetaData.class.equals(type)) {
      return super.typeForClass(type);
    }
    EventType eventType = eventTypes.typeOf(type);
    return new SimpleSerializedType(eventType.name(), Integer.toString(eventType.version()));
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class classForType(SerializedType type) {
    if (MetaData.class.getName().equals(type.getName())) {
      return MetaData.class;
    }
    return eventTypes.classOf(new EventType(type.getName(), version(type)));
  }

  /** An event of an earlier version is changed as JSON first, and then read as all others are. */
  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"}) // Axon's contract
  public <S, T> T deserialize(SerializedObject<S> object) {
    SerializedType type = object.getType();
    if (MetaData.class.getName().equals(type.getName()) || type.getRevision() == null) {
      return super.deserialize(object);
    }
    EventType stored = new EventType(type.getName(), version(type));
    if (!eventTypes.isEarlier(stored)) {
      return super.deserialize(object);
    }
    try {
      JsonNode payload =
          getObjectMapper()
              .readTree(
                  getConverter().convert(object.getData(), object.getContentType(), String.class));
      return (T)
          getObjectMapper()
              .treeToValue(
                  eventTypes.upcast(stored, (ObjectNode) payload), eventTypes.classOf(stored));
    } catch (JsonProcessingException | ClassCastException e) {
      throw new SerializationException("cannot read an event of type " + stored, e);
    }
  }

  private static int version(SerializedType type) {
    String revision = type.getRevision();
    if (revision == null) {
      throw new IllegalArgumentException("event type " + type.getName() + " has no version");
    }
    return Integer.parseInt(revision);
  }
}

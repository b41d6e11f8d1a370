package io.agentflow.eventstore.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.EventTypes;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Map<EventType, Reader> readers = new ConcurrentHashMap<>();
  private final Reader metadataReader;

  public SpokenNameSerializer(EventTypes eventTypes) {
    super(JacksonSerializer.builder().objectMapper(objectMapper()));
    this.eventTypes = eventTypes;
    this.metadataReader = getObjectMapper().readerFor(MetaData.class)::readValue;
  }

  private static ObjectMapper objectMapper() {
    return JsonMapper.builder()
        .defaultPropertyInclusion(
            JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
        // An event is its components, and nothing that can be derived from them.
        .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
        .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
        .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
        .addModule(new JavaTimeModule())
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .build();
  }

  /** How an event of this class is called in the log. */
  EventType typeOf(Object event) {
    return eventTypes.typeOf(event.getClass());
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

  /**
   * Events and metadata are read by readers that are made once for each type: Axon's own way makes
   * one for each object. An event of an earlier version is changed as JSON first.
   */
  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"}) // Axon's contract
  public <S, T> T deserialize(SerializedObject<S> object) {
    if (!(object.getData() instanceof String json)) {
      return super.deserialize(object);
    }
    try {
      return (T) reader(object.getType()).read(json);
    } catch (JsonProcessingException e) {
      throw new SerializationException("cannot read an event of type " + object.getType(), e);
    }
  }

  @FunctionalInterface
  private interface Reader {
    Object read(String json) throws JsonProcessingException;
  }

  private Reader reader(SerializedType type) {
    return MetaData.class.getName().equals(type.getName())
        ? metadataReader
        : readers.computeIfAbsent(new EventType(type.getName(), version(type)), this::eventReader);
  }

  private Reader eventReader(EventType type) {
    ObjectReader reader = getObjectMapper().readerFor(eventTypes.classOf(type));
    if (!eventTypes.isEarlier(type)) {
      return reader::readValue;
    }
    ObjectReader stored = getObjectMapper().readerFor(ObjectNode.class);
    return json ->
        reader.treeToValue(
            eventTypes.upcast(type, stored.<ObjectNode>readValue(json)), eventTypes.classOf(type));
  }

  /**
   * The event's payload as it is stored: canonical JSON.
   *
   * @throws CanonicalJson.NotCanonicalizable when it has a value that canonical JSON cannot hold
   */
  String canonicalPayload(Object event) {
    return CanonicalJson.canonicalize(getObjectMapper().<JsonNode>valueToTree(event));
  }

  private static int version(SerializedType type) {
    String revision = type.getRevision();
    if (revision == null) {
      throw new IllegalArgumentException("event type " + type.getName() + " has no version");
    }
    return Integer.parseInt(revision);
  }
}

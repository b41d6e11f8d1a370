package io.agentflow.server.catalogue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.domain.EventName;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON Schemas (2020-12) of events, from the components of their records. */
final class EventSchemas {

  /** The largest whole number that every JSON reader keeps. */
  private static final long WHOLE_MAX = (1L << 53) - 1;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final SourceComments comments;

  EventSchemas(SourceComments comments) {
    this.comments = comments;
  }

  /** How a schema's file is called, of one that was released as well as of one that is written. */
  static String file(EventName name) {
    return "%s.v%d.json".formatted(name.value(), name.version());
  }

  ObjectNode schema(EventName name, Class<?> event) {
    ObjectNode schema =
        JSON.objectNode()
            .put("$schema", "https://json-schema.org/draft/2020-12/schema")
            .put("$id", "urn:agentflow:event:%s:%d".formatted(name.value(), name.version()))
            .put("title", "%s, version %d".formatted(name.value(), name.version()));
    return schema.setAll(object(event));
  }

  private ObjectNode object(Class<?> type) {
    SourceComments.Comment comment = comments.of(type);
    ObjectNode schema = JSON.objectNode();
    if (!comment.sentence().isEmpty()) {
      schema.put("description", comment.sentence());
    }
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    for (RecordComponent component : type.getRecordComponents()) {
      ObjectNode property = value(component.getAnnotatedType());
      String words =
          comment.components().getOrDefault(component.getName(), unitOf(component.getName()));
      if (!words.isEmpty()) {
        property.put("description", words);
      }
      properties.set(component.getName(), property);
      if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        schema.withArray("required").add(component.getName());
      }
    }
    return schema.put("additionalProperties", false);
  }

  /** Names say their unit at their end. */
  private static String unitOf(String name) {
    if (name.matches(".*[mM]icroDollars")) {
      return "In millionths of a US dollar.";
    }
    return name.endsWith("Millis") ? "In milliseconds." : "";
  }

  private ObjectNode value(AnnotatedType type) {
    ObjectNode schema = JSON.objectNode();
    if (type instanceof AnnotatedParameterizedType generic) {
      AnnotatedType[] arguments = generic.getAnnotatedActualTypeArguments();
      ObjectNode inner = value(arguments[arguments.length - 1]);
      return arguments.length == 1
          ? schema.put("type", "array").set("items", inner)
          : schema.put("type", "object").set("additionalProperties", inner);
    }
    Class<?> plain = (Class<?>) type.getType();
    if (plain == String.class) {
      return schema.put("type", "string");
    }
    if (plain == Instant.class) {
      return schema.put("type", "string").put("format", "date-time");
    }
    if (plain == boolean.class) {
      return schema.put("type", "boolean");
    }
    if (List.of(int.class, Integer.class).contains(plain)) {
      return whole(schema, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (List.of(long.class, Long.class).contains(plain)) {
      return whole(schema, -WHOLE_MAX, WHOLE_MAX);
    }
    if (plain.isEnum()) {
      schema.put("type", "string");
      for (Object constant : plain.getEnumConstants()) {
        schema.withArray("enum").add(((Enum<?>) constant).name().toLowerCase(Locale.ROOT));
      }
      return schema;
    }
    if (plain.isRecord()) {
      return object(plain);
    }
    throw new IllegalStateException("no schema is known for " + plain);
  }

  private static ObjectNode whole(ObjectNode schema, long min, long max) {
    return schema.put("type", "integer").put("minimum", min).put("maximum", max);
  }

  /** What a reader relies on: the schema without the words that explain it. */
  static ObjectNode shape(ObjectNode schema) {
    ObjectNode shape = schema.deepCopy();
    shape.remove(List.of("title", "description"));
    for (Map.Entry<String, com.fasterxml.jackson.databind.JsonNode> field : shape.properties()) {
      if (field.getValue() instanceof ObjectNode inner) {
        field.setValue(field.getKey().equals("properties") ? shapes(inner) : shape(inner));
      }
    }
    return shape;
  }

  /** A property may well be called title or description. */
  private static ObjectNode shapes(ObjectNode properties) {
    ObjectNode shapes = JSON.objectNode();
    properties
        .properties()
        .forEach(
            property -> shapes.set(property.getKey(), shape((ObjectNode) property.getValue())));
    return shapes;
  }
}

package io.agentflow.server.attack;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values that a schema of the contract allows, drawn by a seed. Where a field of some name was
 * answered before, its values come again: so a request reaches what an earlier one has made.
 */
final class Values {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int KEPT_OF_A_NAME = 40;
  private static final int DEPTH_MAX = 8;

  /** Longer waits would only make the run longer. */
  private static final long WAIT_MILLIS_MAX = 20;

  private static final List<String> WORDS =
      List.of("writing", "mail", "maya", "draft", "agree", "a", "x-1", "m:2", "user", "Ünïcode ✓");

  private final RandomGenerator random;
  private final Map<String, List<String>> heard = new HashMap<>();

  Values(RandomGenerator random) {
    this.random = random;
  }

  /** Keeps what an answer, or a test, has under a name. */
  void hear(String name, String value) {
    List<String> values = heard.computeIfAbsent(name, any -> new ArrayList<>());
    if (values.size() < KEPT_OF_A_NAME) {
      values.add(value);
    } else {
      values.set(random.nextInt(KEPT_OF_A_NAME), value);
    }
  }

  /** Keeps all texts of an answer by their names. */
  void hear(JsonNode answer) {
    answer
        .propertyStream()
        .filter(member -> member.getValue().isString())
        .filter(member -> member.getValue().asString().length() <= 200)
        .forEach(member -> hear(member.getKey(), member.getValue().asString()));
    answer.forEach(this::hear);
  }

  /** One that was heard under this name; a new id where none was, or now and then. */
  String known(String name) {
    List<String> values = heard.getOrDefault(name, List.of());
    return values.isEmpty() || random.nextInt(10) == 0 ? id() : anyOf(values);
  }

  String id() {
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  <T> T anyOf(List<T> several) {
    return several.get(random.nextInt(several.size()));
  }

  String word() {
    return anyOf(WORDS);
  }

  /** A value of a field of this name. */
  JsonNode value(String name, JsonNode schema) {
    return value(name, schema, 0);
  }

  private JsonNode value(String name, JsonNode reference, int depth) {
    JsonNode schema = Api.resolved(reference);
    if (schema.has("const")) {
      return schema.path("const");
    }
    if (schema.has("enum")) {
      return schema.path("enum").path(random.nextInt(schema.path("enum").size()));
    }
    for (String choice : List.of("anyOf", "allOf")) {
      if (schema.has(choice) && !schema.has("properties")) {
        return value(name, schema.path(choice).path(0), depth);
      }
    }
    JsonNode types = schema.path("type");
    String type =
        types.isArray() ? types.path(random.nextInt(types.size())).asString() : types.asString("");
    return switch (type) {
      case "object" -> object(schema, depth);
      case "array" -> array(name, schema, depth);
      case "string" -> JSON.stringNode(text(name, schema));
      case "integer", "number" -> JSON.numberNode(number(name, schema));
      case "boolean" -> JSON.booleanNode(random.nextBoolean());
      case "null" -> JSON.nullNode();
      default -> JSON.stringNode(word());
    };
  }

  private JsonNode object(JsonNode schema, int depth) {
    ObjectNode object = JSON.objectNode();
    List<String> required = schema.path("required").valueStream().map(JsonNode::asString).toList();
    schema
        .path("properties")
        .propertyStream()
        .filter(
            field ->
                required.contains(field.getKey()) || (depth < DEPTH_MAX && random.nextInt(3) == 0))
        .forEach(
            field ->
                object.set(field.getKey(), value(field.getKey(), field.getValue(), depth + 1)));
    if (schema.path("additionalProperties").isObject()) {
      object.set(word(), value("", schema.path("additionalProperties"), depth + 1));
    }
    return object;
  }

  private JsonNode array(String name, JsonNode schema, int depth) {
    ArrayNode array = JSON.arrayNode();
    int size = Math.max(schema.path("minItems").asInt(0), random.nextInt(4));
    for (int i = 0; i < size; i++) {
      array.add(value(name, schema.path("items"), depth + 1));
    }
    return array;
  }

  private String text(String name, JsonNode schema) {
    String pattern = schema.path("pattern").asString("");
    if (heard.containsKey(name) && random.nextInt(10) < 8) {
      return known(name);
    }
    return switch (name) {
      case "cron" -> anyOf(List.of("0 6 1 1 *", "*/5 * * * *", "0 0 29 2 *", "@daily"));
      case "zone" -> anyOf(List.of("Europe/Berlin", "UTC", "Asia/Kathmandu"));
      default -> pattern.contains("[0-9a-f]{8}") ? id() : word();
    };
  }

  private long number(String name, JsonNode schema) {
    if (name.equals("waitMillis")) {
      return random.nextLong(WAIT_MILLIS_MAX);
    }
    long least = schema.path("minimum").asLong(0);
    long most = schema.path("maximum").asLong(Math.max(least, 100_000));
    return switch (random.nextInt(4)) {
      case 0 -> least;
      case 1 -> most;
      default -> least + random.nextLong(Math.min(most - least, 1_000) + 1);
    };
  }

  /** A body of the same form as an example, with ids that were heard, or new ones. */
  JsonNode like(JsonNode example, boolean creates) {
    JsonNode body = example.deepCopy();
    name(body, creates);
    return body;
  }

  private void name(JsonNode node, boolean creates) {
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        boolean isId = name.endsWith("Id") || name.equals("leaseToken") || name.equals("digest");
        if (isId && object.path(name).isString()) {
          object.put(name, creates && random.nextInt(5) > 0 ? id() : known(name));
        } else if (name.equals("waitMillis")) {
          object.put(name, random.nextLong(WAIT_MILLIS_MAX));
        }
      }
    }
    node.forEach(inner -> name(inner, creates));
  }
}

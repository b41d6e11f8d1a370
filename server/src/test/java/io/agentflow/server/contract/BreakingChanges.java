package io.agentflow.server.contract;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * What a client of one contract can rely on and the next does not keep: what it sends is not taken
 * any more, or what it is answered is not what it knows. Problems are not looked at: a client has
 * to live with types that it does not know.
 */
final class BreakingChanges {

  private static final List<String> LOWER_BOUNDS = List.of("minimum", "minLength", "minItems");
  private static final List<String> UPPER_BOUNDS =
      List.of("maximum", "maxLength", "maxItems", "maxProperties");

  private final JsonNode released;
  private final JsonNode next;
  private final List<String> found = new ArrayList<>();
  private final Set<String> compared = new HashSet<>();

  private BreakingChanges(JsonNode released, JsonNode next) {
    this.released = released;
    this.next = next;
  }

  /** In words; empty where nothing breaks. */
  static List<String> between(JsonNode released, JsonNode next) {
    BreakingChanges changes = new BreakingChanges(released, next);
    released
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        verb ->
                            changes.operation(
                                verb.getKey() + " " + path.getKey(),
                                verb.getValue(),
                                next.path("paths").path(path.getKey()).path(verb.getKey()))));
    return changes.found;
  }

  private void operation(String at, JsonNode was, JsonNode is) {
    if (is.isMissingNode()) {
      found.add(at + " is gone");
      return;
    }
    if (!was.path("operationId").equals(is.path("operationId"))) {
      found.add(at + " has another operationId");
    }
    parameters(at, was, is);
    if (is.path("requestBody").path("required").asBoolean(false)
        && !was.path("requestBody").path("required").asBoolean(false)) {
      found.add(at + " requires a body");
    }
    schema(at + " takes", true, bodyOf(was.path("requestBody")), bodyOf(is.path("requestBody")));
    for (String status : List.of("200", "201", "204")) {
      JsonNode answered = was.path("responses").path(status);
      if (!answered.isMissingNode()) {
        JsonNode answers = is.path("responses").path(status);
        if (answers.isMissingNode()) {
          found.add(at + " does not answer " + status);
        }
        schema(at + " answers", false, bodyOf(answered), bodyOf(answers));
      }
    }
  }

  private static JsonNode bodyOf(JsonNode node) {
    return node.path("content").path("application/json").path("schema");
  }

  private void parameters(String at, JsonNode was, JsonNode is) {
    for (JsonNode parameter : is.path("parameters")) {
      JsonNode now = resolved(next, parameter);
      if (now.path("required").asBoolean(false)
          && !find(released, was, now).path("required").asBoolean(false)) {
        found.add("%s requires %s".formatted(at, now.path("name").asString()));
      }
    }
    for (JsonNode parameter : was.path("parameters")) {
      JsonNode before = resolved(released, parameter);
      JsonNode now = find(next, is, before);
      String name = before.path("name").asString();
      if (now.isMissingNode()) {
        found.add("%s does not take %s".formatted(at, name));
      }
      schema(at + " takes " + name, true, before.path("schema"), now.path("schema"));
    }
  }

  private static JsonNode find(JsonNode document, JsonNode operation, JsonNode like) {
    for (JsonNode parameter : operation.path("parameters")) {
      JsonNode candidate = resolved(document, parameter);
      if (candidate.path("name").equals(like.path("name"))
          && candidate.path("in").equals(like.path("in"))) {
        return candidate;
      }
    }
    return MissingNode.getInstance();
  }

  private static JsonNode resolved(JsonNode document, JsonNode node) {
    return node.has("$ref") ? document.at(node.path("$ref").asString().substring(1)) : node;
  }

  /** One of several alternatives; of those that there are, the one that is not null. */
  private static JsonNode shape(JsonNode document, JsonNode schema) {
    JsonNode shape = resolved(document, schema);
    for (JsonNode either : shape.path("anyOf")) {
      if (!either.path("type").asString("").equals("null")) {
        return shape(document, either);
      }
    }
    return shape;
  }

  private void schema(String at, boolean sent, JsonNode wasSchema, JsonNode isSchema) {
    if (wasSchema.isMissingNode() || isSchema.isMissingNode()) {
      return;
    }
    JsonNode was = shape(released, wasSchema);
    JsonNode is = shape(next, isSchema);
    if (wasSchema.has("$ref") && !compared.add(sent + wasSchema.toString() + isSchema)) {
      return;
    }
    if (sent) {
      narrower(at, types(released, wasSchema), types(next, isSchema));
      narrower(at, words(was.path("enum")), words(is.path("enum")));
      bounds(at, was, is);
    } else {
      narrower(at, types(next, isSchema), types(released, wasSchema));
      narrower(at, words(is.path("enum")), words(was.path("enum")));
    }
    required(at, sent, was, is);
    was.path("properties")
        .properties()
        .forEach(
            property -> {
              String name = at + "." + property.getKey();
              JsonNode now = is.path("properties").path(property.getKey());
              if (now.isMissingNode()) {
                found.add(name + ", which is gone");
              }
              schema(name, sent, property.getValue(), now);
            });
    schema(at + "[]", sent, was.path("items"), is.path("items"));
    schema(at + ".*", sent, was.path("additionalProperties"), is.path("additionalProperties"));
  }

  /** What was possible has to be possible still; an empty set is any. */
  private void narrower(String at, Set<String> was, Set<String> is) {
    if (!is.isEmpty() && (was.isEmpty() || !is.containsAll(was))) {
      found.add("%s %s, not %s any more".formatted(at, is, was));
    }
  }

  private static Set<String> types(JsonNode document, JsonNode schema) {
    Set<String> types = new HashSet<>();
    JsonNode shape = resolved(document, schema);
    shape.path("anyOf").forEach(either -> types.addAll(types(document, either)));
    JsonNode type = shape.path("type");
    types.addAll(type.isString() ? Set.of(type.asString()) : words(type));
    return types;
  }

  private static Set<String> words(JsonNode array) {
    Set<String> words = new HashSet<>();
    array.forEach(word -> words.add(word.asString()));
    return words;
  }

  private void bounds(String at, JsonNode was, JsonNode is) {
    for (String bound : LOWER_BOUNDS) {
      if (is.has(bound) && is.path(bound).asLong() > was.path(bound).asLong(Long.MIN_VALUE)) {
        found.add("%s at least %s".formatted(at, is.path(bound)));
      }
    }
    for (String bound : UPPER_BOUNDS) {
      if (is.has(bound) && is.path(bound).asLong() < was.path(bound).asLong(Long.MAX_VALUE)) {
        found.add("%s at most %s".formatted(at, is.path(bound)));
      }
    }
    if (is.has("pattern") && !is.path("pattern").equals(was.path("pattern"))) {
      found.add("%s %s".formatted(at, is.path("pattern")));
    }
  }

  private void required(String at, boolean sent, JsonNode was, JsonNode is) {
    Set<String> more = words((sent ? is : was).path("required"));
    more.removeAll(words((sent ? was : is).path("required")));
    more.forEach(
        name ->
            found.add(
                "%s.%s, which %s".formatted(at, name, sent ? "is required" : "may be absent")));
  }
}

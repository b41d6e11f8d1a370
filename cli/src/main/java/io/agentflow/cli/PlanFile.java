package io.agentflow.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A workflow and its plan in a file of YAML or JSON. What can be judged here is; the plan itself is
 * judged by the server.
 *
 * @param workflow the fields that describe the workflow, as the API takes them
 * @param budget what a budget of its own is to hold, as the API takes it; null where it wants none
 * @param plan the plan's definition, as the API takes it
 */
record PlanFile(ObjectNode workflow, @Nullable ObjectNode budget, ObjectNode plan) {

  private static final String STANDARD_INPUT = "-";
  private static final List<String> OF_THE_WORKFLOW =
      List.of("name", "intent", "labels", "budgetId");
  private static final List<String> OF_THE_PLAN = List.of("autonomy", "timeoutMillis", "steps");
  private static final String BUDGET = "budget";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Reads a file.
   *
   * @param file its path, or {@code -} for the standard input
   * @throws NoSuchFileException when there is no such file
   * @throws UnreadablePlan saying what is wrong with it, and where
   */
  static PlanFile read(String file) throws IOException {
    return parse(file.equals(STANDARD_INPUT) ? "standard input" : file, text(file));
  }

  private static String text(String file) throws IOException {
    if (file.equals(STANDARD_INPUT)) {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Path path = Path.of(file);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new NoSuchFileException(file + " is not a file that can be read");
    }
    try {
      return Files.readString(path);
    } catch (CharacterCodingException e) {
      throw new UnreadablePlan(file + " is not UTF-8", e);
    }
  }

  /**
   * Reads a text.
   *
   * @param file what messages call it
   */
  static PlanFile parse(String file, String text) {
    JsonNode read = tree(file, text);
    if (!(read instanceof ObjectNode definition)) {
      throw new UnreadablePlan(file + " is no plan: it has to be an object with name and steps");
    }
    for (String field : names(definition)) {
      if (!OF_THE_WORKFLOW.contains(field)
          && !OF_THE_PLAN.contains(field)
          && !field.equals(BUDGET)) {
        throw new UnreadablePlan(
            "%s has a field that plans do not have: %s".formatted(file, field));
      }
    }
    for (String field : List.of("name", "intent")) {
      if (!definition.path(field).isTextual()) {
        throw new UnreadablePlan("%s has to have a text \"%s\"".formatted(file, field));
      }
    }
    if (definition.has(BUDGET) && definition.has("budgetId")) {
      throw new UnreadablePlan(file + " has both a budget and a budgetId; leave one out");
    }
    return new PlanFile(
        only(definition, OF_THE_WORKFLOW),
        definition.has(BUDGET) ? budget(file, definition) : null,
        only(definition, OF_THE_PLAN));
  }

  private static JsonNode tree(String file, String text) {
    boolean isJson = file.endsWith(".json") || text.stripLeading().startsWith("{");
    try {
      if (isJson) {
        return JSON.readTree(text);
      }
      refuseAliases(file, text);
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new UnreadablePlan(
          "%s is not %s: %s%s"
              .formatted(
                  file,
                  isJson ? "JSON" : "YAML",
                  sentence(String.valueOf(e.getOriginalMessage())),
                  where(e.getLocation())),
          e);
    } catch (IOException e) {
      throw new IllegalStateException("a text can always be read", e);
    }
  }

  /** Without the excerpts, which YAML's messages have in lines that are indented. */
  private static String sentence(String message) {
    return message
        .lines()
        .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
        .collect(Collectors.joining(": "));
  }

  /** An alias would be read as a text with the anchor's name: nobody means that. */
  private static void refuseAliases(String file, String text) throws IOException {
    try (YAMLParser parser = YAML.getFactory().createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          throw new UnreadablePlan(
              "%s has an alias, which plans do not: write it out%s"
                  .formatted(file, where(parser.currentTokenLocation())));
        }
      }
    }
  }

  private static String where(@Nullable JsonLocation location) {
    return location == null
        ? ""
        : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
  }

  private static ObjectNode budget(String file, ObjectNode definition) {
    JsonNode budget = definition.path(BUDGET);
    if (!budget.isObject()
        || budget.size() != 2
        || !budget.path("tokens").isIntegralNumber()
        || !budget.path("microDollars").isIntegralNumber()) {
      throw new UnreadablePlan(
          file + " has a budget that is none: it is an object of whole tokens and microDollars");
    }
    ObjectNode opened = JsonNodeFactory.instance.objectNode();
    opened.set("name", definition.path("name"));
    opened.set("limitTokens", budget.path("tokens"));
    opened.set("limitMicroDollars", budget.path("microDollars"));
    return opened;
  }

  private static ObjectNode only(ObjectNode definition, Collection<String> fields) {
    return definition.deepCopy().retain(fields);
  }

  private static List<String> names(ObjectNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}

package io.agentflow.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces <code>${steps.ID.result}</code> inside the strings of an input. What was put in is not
 * looked at again, so that a result cannot refer to another.
 */
final class References {

  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{steps\\.(?:([A-Za-z0-9._:-]+)\\.result\\})?");

  private References() {}

  /**
   * The input with the results in it.
   *
   * @throws StepFailed for good, when it refers to a step that this one does not need
   */
  static JsonNode replaced(JsonNode input, Map<String, String> results) {
    if (input.isTextual()) {
      return JsonNodeFactory.instance.textNode(replaced(input.asText(), results));
    }
    if (input.isArray()) {
      ArrayNode list = JsonNodeFactory.instance.arrayNode();
      input.forEach(item -> list.add(replaced(item, results)));
      return list;
    }
    if (input.isObject()) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      input
          .properties()
          .forEach(field -> object.set(field.getKey(), replaced(field.getValue(), results)));
      return object;
    }
    return input;
  }

  private static String replaced(String text, Map<String, String> results) {
    return REFERENCE
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(result(found.group(1), results)));
  }

  private static String result(@Nullable String stepId, Map<String, String> results) {
    if (stepId == null) {
      throw StepFailed.forGood(
          "the input has a reference that is none; the form is ${steps.ID.result}");
    }
    String result = results.get(stepId);
    if (result == null) {
      throw StepFailed.forGood(
          "the input refers to the result of \"%s\"; there are results of %s"
              .formatted(stepId, results.keySet()));
    }
    return result;
  }
}

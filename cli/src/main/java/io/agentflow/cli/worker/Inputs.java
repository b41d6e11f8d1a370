package io.agentflow.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/** Checks on what a plan gives to a tool; each failure is for good. */
final class Inputs {

  private Inputs() {}

  /** Fails unless the input is an object without any other field than these. */
  static void known(JsonNode input, Set<String> fields) {
    if (!input.isObject()) {
      throw StepFailed.forGood("the input must be an object with " + fields);
    }
    input
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!fields.contains(field)) {
                throw StepFailed.forGood(
                    "the input has a field \"%s\"; known are %s".formatted(field, fields));
              }
            });
  }

  /** Fails unless the field is text. */
  static String text(JsonNode input, String field) {
    JsonNode value = input.path(field);
    if (!value.isTextual()) {
      throw StepFailed.forGood("the input's \"" + field + "\" must be text");
    }
    return value.asText();
  }
}

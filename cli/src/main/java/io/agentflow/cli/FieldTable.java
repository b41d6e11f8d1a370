package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** One thing as a table of its fields; what is null is left out. */
final class FieldTable {

  private FieldTable() {}

  /** Prints the answer as the API gave it, or as a table. */
  static int print(Console console, JsonOption json, JsonNode answer) {
    if (json.isSet()) {
      console.json(answer);
    } else {
      print(console, answer);
    }
    return ExitCode.OK;
  }

  static void print(Console console, JsonNode answer) {
    List<List<String>> rows = new ArrayList<>();
    addFields(rows, answer);
    console.table(List.of("FIELD", "VALUE"), rows);
  }

  private static void addFields(List<List<String>> rows, JsonNode object) {
    object
        .properties()
        .forEach(
            field -> {
              if (field.getKey().equals("state")) {
                addFields(rows, field.getValue());
              } else if (!field.getValue().isNull()) {
                rows.add(List.of(field.getKey(), text(field.getValue())));
              }
            });
  }

  static String text(JsonNode value) {
    return value.isValueNode() ? Console.oneLine(value.asText()) : value.toString();
  }
}

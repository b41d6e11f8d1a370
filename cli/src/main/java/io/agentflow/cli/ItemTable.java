package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The items of an answer as a table of one row each. */
final class ItemTable {

  private ItemTable() {}

  /** Prints the answer as the API gave it, or as a table. */
  static int print(
      Console console,
      JsonNode answer,
      JsonOption json,
      List<String> headers,
      Function<JsonNode, List<String>> row) {
    if (json.isSet()) {
      console.json(answer);
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>();
    answer.path("items").forEach(item -> rows.add(row.apply(item)));
    console.table(headers, rows);
    return ExitCode.OK;
  }
}

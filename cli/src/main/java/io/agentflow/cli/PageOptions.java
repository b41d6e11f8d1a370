package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.client.ListPath;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which page of a list. */
public final class PageOptions {

  @Option(
      names = "--limit",
      defaultValue = "50",
      paramLabel = "ROWS",
      description = "Rows to show, 1 to 500 (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--cursor",
      paramLabel = "CURSOR",
      description = "Go on where the page before ended.")
  private @Nullable String cursor;

  /** Asks for the page and prints it: as the API answers it, or a table of one row an item. */
  int print(
      Console console,
      ApiClient api,
      ListPath path,
      JsonOption json,
      List<String> headers,
      Function<JsonNode, List<String>> row) {
    JsonNode answer = ask(api, path);
    int exit = ItemTable.print(console, answer, json, headers, row);
    if (!json.isSet()) {
      tellOfMore(console, answer);
    }
    return exit;
  }

  /** Asks for the page. */
  JsonNode ask(ApiClient api, ListPath path) {
    return api.get(path.with("limit", String.valueOf(limit)).with("cursor", cursor).toString());
  }

  /** Says how to go on, where the answer is not the last page. */
  static void tellOfMore(Console console, JsonNode answer) {
    if (answer.path("nextCursor").isTextual()) {
      console.line("there is more: --cursor " + answer.path("nextCursor").asText());
    }
  }
}

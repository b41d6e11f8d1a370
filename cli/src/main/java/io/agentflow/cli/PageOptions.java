package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
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
      names = "--after",
      paramLabel = "CURSOR",
      description = "Go on where the page before ended.")
  private @Nullable String after;

  String query() {
    return "?limit=" + limit + (after == null ? "" : "&after=" + after);
  }

  void tellNext(Console console, JsonNode answer) {
    if (answer.path("next").isTextual()) {
      console.line("there is more: --after " + answer.path("next").asText());
    }
  }
}

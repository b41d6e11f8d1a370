package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reads what a workflow does as it does it, by asking for the rest of its history again. */
final class WorkflowFollower {

  static final String COMPLETED = "workflow.completed";

  private static final Set<String> ENDS =
      Set.of(COMPLETED, "workflow.failed", "workflow.cancelled");
  private static final int PAUSE_MILLIS = 500;

  private final ApiClient api;
  private final String path;

  WorkflowFollower(ApiClient api, String workflowId) {
    this.api = api;
    this.path = "/v1/workflows/" + workflowId + "/history?afterSequence=";
  }

  /**
   * Tells each entry once, in order, until the workflow ends.
   *
   * @return the name of the event that it ended with
   */
  String follow(Consumer<JsonNode> onEntry) throws InterruptedException {
    long last = -1;
    while (true) {
      JsonNode page = api.get(path + last);
      for (JsonNode entry : page.path("items")) {
        onEntry.accept(entry);
        last = entry.path("sequence").asLong();
        String type = entry.path("type").asText();
        if (ENDS.contains(type)) {
          return type;
        }
      }
      if (!page.path("nextCursor").isTextual()) {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
  }

  /** An entry on one line: when, what, of which step. */
  static String lineOf(JsonNode entry) {
    JsonNode payload = entry.path("payload");
    String step = payload.path("stepId").asText();
    if (payload.path("attempt").asInt(1) > 1) {
      step += " #" + payload.path("attempt").asInt();
    }
    return "%s  %-24s  %-20s  %s"
        .formatted(
            entry.path("occurredAt").asText().substring(11, 23),
            entry.path("type").asText().replaceFirst("^workflow\\.", ""),
            step,
            Console.oneLine(EventSentence.most(payload)))
        .stripTrailing();
  }
}

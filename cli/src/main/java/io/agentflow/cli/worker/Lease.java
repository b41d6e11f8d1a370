package io.agentflow.cli.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A step that was handed out to this worker, for a while.
 *
 * @param token proves to the server that the step is still ours
 * @param kind agent or tool
 * @param tool which tool the plan names, if it names one
 * @param results of the steps that this one needs, by their ids
 * @param timeoutMillis longest time from hand-out to result, 0 for no limit of the plan's
 * @param compensation whether this undoes a step that was done
 */
record Lease(
    String token,
    String workflowId,
    String stepId,
    int attempt,
    String kind,
    @Nullable String tool,
    String name,
    JsonNode input,
    Map<String, String> results,
    long timeoutMillis,
    boolean compensation) {

  private static final JsonMapper JSON = new JsonMapper();

  Lease {
    results = Collections.unmodifiableMap(results);
  }

  static Lease of(JsonNode json) {
    Map<String, String> results = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> result : json.path("results").properties()) {
      results.put(result.getKey(), text(result.getValue()));
    }
    return new Lease(
        json.path("leaseToken").asText(),
        json.path("workflowId").asText(),
        json.path("stepId").asText(),
        json.path("attempt").asInt(1),
        json.path("kind").asText(),
        json.path("tool").isTextual() ? json.path("tool").asText() : null,
        json.path("name").asText(),
        input(json.path("input")),
        results,
        json.path("timeoutMillis").asLong(),
        json.path("compensation").asBoolean());
  }

  /** A step's input is kept as text; where the plan gave an object, that text is JSON. */
  private static JsonNode input(JsonNode input) {
    if (!input.isTextual() || !input.asText().stripLeading().matches("(?s)[\\[{].*")) {
      return input;
    }
    try {
      return JSON.readTree(input.asText());
    } catch (JsonProcessingException e) {
      return input;
    }
  }

  private static String text(JsonNode result) {
    return result.isTextual() ? result.asText() : result.toString();
  }
}

package io.agentflow.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.cli.runs.RecordedRun.Step;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.CanonicalJson.NotCanonicalizable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads one line of a file of recorded runs: an object with {@code task_id}, {@code trial}, {@code
 * reward} and {@code traj}, a conversation in OpenAI's chat format. The whole line is checked
 * before anything is made of it.
 */
final class RunParser {

  private static final Set<String> SPEAKERS = Set.of("system", "user", "assistant");
  private static final int INTENT_CHARS_MAX = 10_000;
  private static final double MICRO_DOLLARS_PER_DOLLAR = 1e6;

  private final List<Step> steps = new ArrayList<>();

  /** How often the run has used a call id so far: recordings use the same one again. */
  private final Map<String, Integer> timesUsed = new HashMap<>();

  /** The call that each of the run's ids stands for at the moment, while it has no result. */
  private final Map<String, String> openCalls = new HashMap<>();

  private RunParser() {}

  /**
   * The run that the line describes.
   *
   * @throws InvalidRun saying what is wrong and where
   */
  static RecordedRun parse(String line) throws InvalidRun {
    JsonNode run;
    String canonical;
    try {
      run = CanonicalJson.parse(line);
      canonical = CanonicalJson.canonicalize(run);
    } catch (NotCanonicalizable e) {
      throw new InvalidRun(String.valueOf(e.getMessage()));
    }
    if (!run.isObject()) {
      throw new InvalidRun("the line is not a JSON object");
    }
    JsonNode trajectory = run.path("traj");
    if (!trajectory.isArray() || trajectory.isEmpty()) {
      throw new InvalidRun("traj must be a list of messages");
    }
    if (!run.path("reward").isNumber()) {
      throw new InvalidRun("reward must be a number");
    }
    RunParser parser = new RunParser();
    for (int i = 0; i < trajectory.size(); i++) {
      parser.read(trajectory.get(i), "traj[" + i + "]");
    }
    if (!parser.openCalls.isEmpty()) {
      throw new InvalidRun("tool calls without a result: " + parser.openCalls.keySet());
    }
    return new RecordedRun(
        Hash.sha256(canonical.getBytes(StandardCharsets.UTF_8)).hex(),
        scalar(run, "task_id"),
        scalar(run, "trial"),
        run.path("reward").asDouble(),
        Math.round(run.path("info").path("user_cost").asDouble(0) * MICRO_DOLLARS_PER_DOLLAR),
        intent(run, trajectory),
        List.copyOf(parser.steps));
  }

  private static String scalar(JsonNode run, String field) throws InvalidRun {
    JsonNode value = run.path(field);
    if (!value.isIntegralNumber() && !value.isTextual()) {
      throw new InvalidRun(field + " must be a whole number or text");
    }
    return value.asText();
  }

  /** What the run was for: the task's instruction where it is recorded, else what was asked. */
  private static String intent(JsonNode run, JsonNode trajectory) {
    String intent = run.path("info").path("task").path("instruction").asText("");
    for (JsonNode message : trajectory) {
      if (intent.isBlank() && message.path("role").asText().equals("user")) {
        intent = message.path("content").asText("");
      }
    }
    return intent.length() <= INTENT_CHARS_MAX ? intent : intent.substring(0, INTENT_CHARS_MAX);
  }

  private void read(JsonNode message, String where) throws InvalidRun {
    String role = message.path("role").asText("");
    JsonNode content = message.path("content");
    if (!content.isTextual() && !content.isNull() && !content.isMissingNode()) {
      throw new InvalidRun(where + ".content must be text or null");
    }
    if (role.equals("tool")) {
      readResult(message, where);
    } else if (SPEAKERS.contains(role)) {
      JsonNode calls = message.path("tool_calls");
      if (content.isTextual()) {
        steps.add(new Step.Message(role, content.textValue()));
      } else if (calls.isEmpty()) {
        throw new InvalidRun(where + " has neither content nor tool calls");
      }
      for (int i = 0; i < calls.size(); i++) {
        readCall(calls.get(i), where + ".tool_calls[" + i + "]");
      }
    } else {
      throw new InvalidRun(
          "%s.role must be system, user, assistant or tool, not \"%s\"".formatted(where, role));
    }
  }

  private void readCall(JsonNode call, String where) throws InvalidRun {
    String id = text(call, "id", where);
    JsonNode function = call.path("function");
    String tool = text(function, "name", where + ".function");
    String arguments = text(function, "arguments", where + ".function");
    int times = timesUsed.merge(id, 1, Integer::sum);
    String callId = times == 1 ? id : id + ":" + times;
    if (openCalls.put(id, callId) != null) {
      throw new InvalidRun(where + ".id is that of a call that has no result yet: " + id);
    }
    steps.add(new Step.ToolCall(callId, tool, arguments));
  }

  private void readResult(JsonNode message, String where) throws InvalidRun {
    String id = text(message, "tool_call_id", where);
    String callId = openCalls.remove(id);
    if (callId == null) {
      throw new InvalidRun(where + ".tool_call_id answers no open call: " + id);
    }
    steps.add(new Step.ToolResult(callId, text(message, "content", where)));
  }

  private static String text(JsonNode node, String field, String where) throws InvalidRun {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw new InvalidRun(where + "." + field + " must be text");
    }
    return value.textValue();
  }
}

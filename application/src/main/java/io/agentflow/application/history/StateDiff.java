package io.agentflow.application.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** In what two states of workflows differ, path by path. */
final class StateDiff {

  private static final JsonMapper JSON = new JsonMapper();

  private StateDiff() {}

  /**
   * One difference.
   *
   * @param path a JSON pointer into the state, in which a step stands under its id, such as
   *     `/plan/steps/send/status`
   * @param before null where there was nothing
   * @param after null where there is nothing
   */
  record Difference(String path, @Nullable JsonNode before, @Nullable JsonNode after) {}

  /** All differences, in the order of their paths; none where the states are equal. */
  static List<Difference> between(WorkflowState before, WorkflowState after) {
    Map<String, JsonNode> old = rendered(before);
    Map<String, JsonNode> now = rendered(after);
    SortedSet<String> paths = new TreeSet<>(old.keySet());
    paths.addAll(now.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String path : paths) {
      JsonNode was = old.get(path);
      JsonNode is = now.get(path);
      if (was == null || !was.equals(is)) {
        differences.add(new Difference(path, was, is));
      }
    }
    return differences;
  }

  /** A state as the values at its paths. What is null is not there. */
  static Map<String, JsonNode> rendered(WorkflowState state) {
    Map<String, JsonNode> values = new TreeMap<>();
    put("", JSON.valueToTree(state), values);
    return values;
  }

  /** No name in a state has a slash. */
  private static void put(String path, JsonNode node, Map<String, JsonNode> values) {
    if (node.isObject()) {
      node.propertyStream()
          .forEach(member -> put(path + "/" + member.getKey(), member.getValue(), values));
    } else if (node.isArray() && node.path(0).has("stepId")) {
      node.forEach(step -> put(path + "/" + step.path("stepId").asString(), step, values));
    } else if (!node.isNull()) {
      values.put(path, node);
    }
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A plan as people read it: each step once, below the last of the steps that it waits for; the
 * others are named beside it.
 */
final class PlanTree {

  static final List<String> HEADERS =
      List.of("STEP", "STATUS", "ATTEMPT", "AGENT", "TOKENS", "COST", "WHAT");

  private final Map<String, JsonNode> steps = new LinkedHashMap<>();
  private final Map<String, Integer> depths = new LinkedHashMap<>();
  private final List<List<String>> rows = new ArrayList<>();

  private PlanTree(JsonNode items) {
    items.forEach(step -> steps.put(step.path("stepId").asText(), step));
  }

  /** Rows for a table with the {@link #HEADERS}, from the steps as the API answers them. */
  static List<List<String>> rows(JsonNode items) {
    PlanTree tree = new PlanTree(items);
    tree.below(null).forEach(root -> tree.add(root, "", ""));
    return tree.rows;
  }

  private void add(JsonNode step, String branch, String indent) {
    rows.add(row(step, branch));
    List<JsonNode> children = below(step.path("stepId").asText());
    for (int i = 0; i < children.size(); i++) {
      boolean last = i == children.size() - 1;
      add(children.get(i), indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
    }
  }

  private List<JsonNode> below(@Nullable String stepId) {
    return steps.values().stream().filter(step -> Objects.equals(parent(step), stepId)).toList();
  }

  /** Of the steps that it needs, the one that is farthest from the start; null for none. */
  private @Nullable String parent(JsonNode step) {
    String parent = null;
    for (String need : needs(step)) {
      if (parent == null || depth(need) > depth(parent)) {
        parent = need;
      }
    }
    return parent;
  }

  /** Steps on the longest way to it; plans have no circles. */
  private int depth(String stepId) {
    Integer known = depths.get(stepId);
    if (known != null) {
      return known;
    }
    int depth = 0;
    JsonNode step = steps.get(stepId);
    if (step != null) {
      for (String need : needs(step)) {
        depth = Math.max(depth, depth(need) + 1);
      }
    }
    depths.put(stepId, depth);
    return depth;
  }

  private List<String> needs(JsonNode step) {
    return StreamSupport.stream(step.path("needs").spliterator(), false)
        .map(JsonNode::asText)
        .filter(steps::containsKey)
        .toList();
  }

  private List<String> row(JsonNode step, String branch) {
    return List.of(
        branch + step.path("stepId").asText(),
        step.path("status").asText().replace('_', ' ')
            + (step.path("compensation").asBoolean() && !isUndone(step) ? ", undoing" : ""),
        step.path("attempt").asText(),
        step.path("agentId").asText("-"),
        Console.count(step.path("tokens").asLong()),
        Console.dollars(step.path("microDollars").asLong()),
        what(step));
  }

  private static boolean isUndone(JsonNode step) {
    return step.path("status").asText().equals("undone");
  }

  private String what(JsonNode step) {
    List<String> words = new ArrayList<>();
    words.add(Console.oneLine(step.path("name").asText()));
    String parent = parent(step);
    String others =
        needs(step).stream().filter(need -> !need.equals(parent)).collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      words.add("also after " + others);
    }
    if (step.path("progressPercent").isNumber()) {
      words.add(
          "%d %% %s"
              .formatted(
                  step.path("progressPercent").asInt(),
                  Console.oneLine(step.path("progressNote").asText())));
    }
    if (step.path("status").asText().equals("asking")) {
      words.add("approval " + step.path("approvalId").asText());
    }
    if (step.path("reason").isTextual()) {
      words.add(Console.oneLine(step.path("reason").asText()));
    }
    return String.join("; ", words);
  }
}

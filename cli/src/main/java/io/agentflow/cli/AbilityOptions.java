package io.agentflow.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What an agent can do, and how far it may go. What is not given is not sent. */
public final class AbilityOptions {

  @Option(
      names = "--capability",
      paramLabel = "CAPABILITY",
      description = "Something it is able to do, in the words of plans. Repeat it for more.")
  private @Nullable List<String> capabilities;

  @Option(
      names = "--tool",
      paramLabel = "TOOL",
      description = "A tool it may call. Repeat it for more.")
  private @Nullable List<String> tools;

  @Option(
      names = "--concurrency",
      paramLabel = "STEPS",
      description = "Most steps that it has at once, 1 to 1000.")
  private @Nullable Integer concurrency;

  @Option(
      names = "--autonomy",
      paramLabel = "MODE",
      description = "plan_only, approve_all, canary_only, risk_based or full_auto.")
  private @Nullable String autonomy;

  void addTo(ObjectNode body) {
    addNames(body, "capabilities", capabilities);
    addNames(body, "tools", tools);
    if (concurrency != null) {
      body.put("concurrency", concurrency);
    }
    if (autonomy != null) {
      body.put("autonomy", autonomy);
    }
  }

  private static void addNames(ObjectNode body, String field, @Nullable List<String> names) {
    if (names != null) {
      ArrayNode list = body.putArray(field);
      names.stream().filter(name -> !name.isEmpty()).forEach(list::add);
    }
  }
}

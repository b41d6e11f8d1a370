package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.client.ListPath;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code af workflows list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "List workflows, newest first: those that fit all that is asked for.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  af workflows list --limit 10",
      "  af workflows list --status failed --label team:support --created-after 2026-11-01T00:00:00Z",
      "  af workflows list --tool book_reservation --cost-at-least 0.05",
      "  af workflows list --name nightly --updated-before 2026-11-21T06:00:00Z",
      "  af workflows list --status running --as-of 2026-11-21T06:00:00Z",
      "  af workflows list --text 'refund \"travel insurance\" -baggage'"
    })
final class WorkflowListCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private JsonOption json;
  @Mixin private PageOptions page;
  @Mixin private AsOfOption asOf;

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description =
          "Only those that stand so: created, running, paused, compensating, completed, failed, cancelled.")
  private @Nullable String status;

  @Option(names = "--agent", paramLabel = "AGENT_ID", description = "Only those of this agent.")
  private @Nullable String agentId;

  @Option(
      names = "--budget",
      paramLabel = "BUDGET_ID",
      description = "Only those that charge this budget.")
  private @Nullable String budgetId;

  @Option(
      names = "--label",
      paramLabel = "NAME:VALUE",
      description = "Only those with this label; may be repeated.")
  private List<String> labels = List.of();

  @Option(
      names = "--name",
      paramLabel = "PART",
      description = "Only those with this part in their name, whatever its case.")
  private @Nullable String name;

  @Option(names = "--tool", paramLabel = "TOOL", description = "Only those that called this tool.")
  private @Nullable String tool;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description =
          "Only those with these words in name and intent or in one message; 'af search --help' says how.")
  private @Nullable String text;

  @Option(
      names = "--created-after",
      paramLabel = "TIME",
      description = "Only those created later, as 2026-11-21T06:00:00Z.")
  private @Nullable String createdAfter;

  @Option(
      names = "--created-before",
      paramLabel = "TIME",
      description = "Only those created earlier.")
  private @Nullable String createdBefore;

  @Option(
      names = "--updated-after",
      paramLabel = "TIME",
      description = "Only those to which something happened later.")
  private @Nullable String updatedAfter;

  @Option(
      names = "--updated-before",
      paramLabel = "TIME",
      description = "Only those to which nothing happened since.")
  private @Nullable String updatedBefore;

  @Option(
      names = "--cost-at-least",
      paramLabel = "DOLLARS",
      converter = MicroDollars.class,
      description = "Only those that have cost this much or more.")
  private @Nullable Long costAtLeast;

  @Option(
      names = "--cost-at-most",
      paramLabel = "DOLLARS",
      converter = MicroDollars.class,
      description = "Only those that have cost this much or less.")
  private @Nullable Long costAtMost;

  @Override
  public Integer call() {
    ListPath path =
        new ListPath("/v1/workflows")
            .with("status", status)
            .with("agentId", agentId)
            .with("budgetId", budgetId)
            .with("name", name)
            .with("tool", tool)
            .with("text", text)
            .with("createdAfter", createdAfter)
            .with("createdBefore", createdBefore)
            .with("updatedAfter", updatedAfter)
            .with("updatedBefore", updatedBefore)
            .with("costAtLeastMicroDollars", number(costAtLeast))
            .with("costAtMostMicroDollars", number(costAtMost))
            .with("asOf", asOf.value());
    labels.forEach(label -> path.with("label", label));
    return page.print(
        Console.ofProcess(spec.commandLine().getOut()),
        server.client(tenant),
        path,
        json,
        List.of(
            "WORKFLOW_ID", "STATUS", "STEPS", "MESSAGES", "TOOL CALLS", "TOKENS", "COST", "NAME"),
        row ->
            List.of(
                row.path("workflowId").asText(),
                row.path("status").asText(),
                stepsDone(row),
                Console.count(row.path("messages").asLong()),
                Console.count(row.path("toolCalls").asLong()),
                Console.count(row.path("totalTokens").asLong()),
                Console.dollars(row.path("totalMicroDollars").asLong()),
                row.path("name").asText()));
  }

  private static @Nullable String number(@Nullable Long value) {
    return value == null ? null : value.toString();
  }

  private static String stepsDone(JsonNode row) {
    return row.path("planVersion").isNumber()
        ? row.path("stepsDone").asText() + " of " + row.path("stepsTotal").asText()
        : "-";
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code af budgets}. */
@Command(
    name = "budgets",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "What the work may cost, and what it has cost.")
final class BudgetsCommand {

  @Spec private CommandSpec spec;

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List budgets, newest first.")
  int list(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin PageOptions page) {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    JsonNode answer = server.client(tenant).get("/v1/budgets" + page.query());
    if (json.isSet()) {
      console.json(answer);
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : answer.path("items")) {
      rows.add(
          List.of(
              row.path("budgetId").asText(),
              Console.dollars(row.path("limitMicroDollars").asLong()),
              Console.dollars(row.path("spentMicroDollars").asLong()),
              Console.dollars(row.path("remainingMicroDollars").asLong()),
              Console.count(row.path("remainingTokens").asLong()),
              row.path("name").asText()));
    }
    console.table(List.of("BUDGET_ID", "LIMIT", "SPENT", "REMAINING", "TOKENS LEFT", "NAME"), rows);
    page.tellNext(console, answer);
    return ExitCode.OK;
  }
}

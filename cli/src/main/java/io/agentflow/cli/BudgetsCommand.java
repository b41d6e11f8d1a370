package io.agentflow.cli;

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
    return page.print(
        Console.ofProcess(spec.commandLine().getOut()),
        server.client(tenant),
        "/v1/budgets",
        json,
        List.of("BUDGET_ID", "LIMIT", "SPENT", "REMAINING", "TOKENS LEFT", "NAME"),
        row ->
            List.of(
                row.path("budgetId").asText(),
                Console.dollars(row.path("limitMicroDollars").asLong()),
                Console.dollars(row.path("spentMicroDollars").asLong()),
                Console.dollars(row.path("remainingMicroDollars").asLong()),
                Console.count(row.path("remainingTokens").asLong()),
                row.path("name").asText()));
  }
}

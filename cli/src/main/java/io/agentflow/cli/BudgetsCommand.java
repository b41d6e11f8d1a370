package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.client.ListPath;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af budgets}. */
@Command(
    name = "budgets",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "What the work may cost, and what it has cost.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  af budgets open support --tokens 5000000 --dollars 40 --period monthly",
      "  af budgets limit 018f4e6a-0000-7000-8000-000000000001 --tokens 9000000 --dollars 60",
      "  af budgets close 018f4e6a-0000-7000-8000-000000000001",
      "  af budgets list --as-of 2026-11-01T00:00:00Z",
      "  af budgets show 018f4e6a-0000-7000-8000-000000000001 --as-of 120"
    })
final class BudgetsCommand {

  private static final String BUDGET_ID = "BUDGET_ID";

  @Spec private CommandSpec spec;

  @Command(name = "open", mixinStandardHelpOptions = true, description = "Open a budget.")
  int open(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin LimitOptions limits,
      @Parameters(paramLabel = "NAME", description = "What people call it.") String name,
      @Option(
              names = "--id",
              paramLabel = BUDGET_ID,
              description = "Its id, a UUID. Default: a new one.")
          @Nullable String budgetId,
      @Option(
              names = "--thresholds",
              split = ",",
              paramLabel = "PERCENT",
              description = "Parts of the limit to tell of. Default: 80,100.")
          @Nullable List<Integer> thresholdsPercent,
      @Option(
              names = "--period",
              paramLabel = "PERIOD",
              description = "Count anew daily, weekly (from Monday) or monthly. Default: none.")
          @Nullable String period,
      @Option(
              names = "--zone",
              paramLabel = "ZONE",
              description = "Whose midnight a period begins at. Default: UTC.")
          @Nullable String zone) {
    ObjectNode body =
        limits
            .body()
            .put(
                "budgetId",
                budgetId == null ? UuidCreator.getTimeOrderedEpoch().toString() : budgetId)
            .put("name", name);
    if (thresholdsPercent != null) {
      thresholdsPercent.forEach(body.putArray("thresholdsPercent")::add);
    }
    if (period != null) {
      body.put("period", period);
    }
    if (zone != null) {
      body.put("zone", zone);
    }
    return done(json, "opened", server.client(tenant).post("/v1/budgets", body));
  }

  @Command(
      name = "limit",
      mixinStandardHelpOptions = true,
      description = {
        "Set the limits of a budget anew; without a soft limit it has none.",
        "A slice takes more from its parent, and gives less back to it."
      })
  int limit(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin LimitOptions limits,
      @Parameters(paramLabel = BUDGET_ID) String budgetId) {
    return done(
        json,
        "limited",
        server.client(tenant).post("/v1/budgets/" + budgetId + "/limit", limits.body()));
  }

  @Command(
      name = "close",
      mixinStandardHelpOptions = true,
      description = "Close a budget. What a slice did not use is its parent's again.")
  int close(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = BUDGET_ID) String budgetId) {
    return done(
        json,
        "closed",
        server
            .client(tenant)
            .post("/v1/budgets/" + budgetId + "/close", JsonNodeFactory.instance.objectNode()));
  }

  private int done(JsonOption json, String what, JsonNode answer) {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    if (json.isSet()) {
      console.json(answer);
    } else {
      console.line("%s %s".formatted(answer.path("id").asText(), what));
    }
    return ExitCode.OK;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List budgets, newest first.")
  int list(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin PageOptions page,
      @Mixin AsOfOption asOf,
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description = "Only those that stand so: open, exhausted, closed.")
          @Nullable String status) {
    return page.print(
        Console.ofProcess(spec.commandLine().getOut()),
        server.client(tenant),
        new ListPath("/v1/budgets").with("status", status).with("asOf", asOf.value()),
        json,
        List.of(
            BUDGET_ID,
            "STATUS",
            "PERIOD",
            "LIMIT",
            "ALLOCATED",
            "RESERVED",
            "SPENT",
            "REMAINING",
            "TOKENS LEFT",
            "NAME"),
        row ->
            List.of(
                row.path("budgetId").asText(),
                row.path("status").asText(),
                row.path("period").asText(),
                Console.dollars(row.path("limitMicroDollars").asLong()),
                Console.dollars(row.path("allocatedMicroDollars").asLong()),
                Console.dollars(row.path("reservedMicroDollars").asLong()),
                Console.dollars(row.path("spentMicroDollars").asLong()),
                Console.dollars(row.path("remainingMicroDollars").asLong()),
                Console.count(row.path("remainingTokens").asLong()),
                row.path("name").asText()));
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show a budget as its table has it.")
  int show(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin AsOfOption asOf,
      @Parameters(paramLabel = BUDGET_ID) String budgetId) {
    return FieldTable.print(
        Console.ofProcess(spec.commandLine().getOut()),
        json,
        server
            .client(tenant)
            .get(new ListPath("/v1/budgets/" + budgetId).with("asOf", asOf.value()).toString()));
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.client.ListPath;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code af tools}. */
@Command(
    name = "tools",
    mixinStandardHelpOptions = true,
    description = {
      "List the tools that were called, those called last first: how often, how long it took, how",
      "often a step failed by it, and what it cost."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af tools",
      "  af tools --json",
      "  af workflows list --tool book_reservation     # which workflows called it"
    })
final class ToolsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private JsonOption json;
  @Mixin private PageOptions page;

  @Override
  public Integer call() {
    return page.print(
        Console.ofProcess(spec.commandLine().getOut()),
        server.client(tenant),
        new ListPath("/v1/tools"),
        json,
        List.of("CALLS", "OPEN", "FAILED", "AVERAGE", "TOKENS", "COST", "LAST", "TOOL"),
        row ->
            List.of(
                Console.count(row.path("calls").asLong()),
                Console.count(row.path("open").asLong()),
                Console.count(row.path("failures").asLong()),
                average(row),
                Console.count(row.path("tokens").asLong()),
                Console.dollars(row.path("microDollars").asLong()),
                row.path("lastCalledAt").asText(),
                row.path("tool").asText()));
  }

  private static String average(JsonNode row) {
    return row.path("averageMillis").isNumber()
        ? Console.count(row.path("averageMillis").asLong()) + " ms"
        : "-";
  }
}

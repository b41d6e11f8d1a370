package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code af agents}. */
@Command(
    name = "agents",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Who does the work.")
final class AgentsCommand {

  @Spec private CommandSpec spec;

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List agents, newest first.")
  int list(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin PageOptions page) {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    JsonNode answer = server.client(tenant).get("/v1/agents" + page.query());
    if (json.isSet()) {
      console.json(answer);
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : answer.path("items")) {
      rows.add(
          List.of(
              row.path("agentId").asText(),
              row.path("status").asText(),
              row.path("role").asText(),
              row.path("model").asText("-"),
              row.path("name").asText()));
    }
    console.table(List.of("AGENT_ID", "STATUS", "ROLE", "MODEL", "NAME"), rows);
    page.tellNext(console, answer);
    return ExitCode.OK;
  }
}

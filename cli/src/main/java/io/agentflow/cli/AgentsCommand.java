package io.agentflow.cli;

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
    return page.print(
        Console.ofProcess(spec.commandLine().getOut()),
        server.client(tenant),
        "/v1/agents",
        json,
        List.of("AGENT_ID", "STATUS", "ROLE", "MODEL", "NAME"),
        row ->
            List.of(
                row.path("agentId").asText(),
                row.path("status").asText(),
                row.path("role").asText(),
                row.path("model").asText("-"),
                row.path("name").asText()));
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.client.ListPath;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af agents}. */
@Command(
    name = "agents",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Who does the work.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  af agents register --name triage-bot --role support --capability triage",
      "  af agents capabilities AGENT_ID --concurrency 4",
      "  af agents suspend AGENT_ID --reason 'too many errors'",
      "  af agents activate AGENT_ID",
      "  af agents list --status active --as-of 2026-11-21T06:00:00Z",
      "  af agents show AGENT_ID --as-of 120"
    })
final class AgentsCommand {

  private static final String ID = "AGENT_ID";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Spec private CommandSpec spec;

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List agents, newest first.")
  int list(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin PageOptions page,
      @Mixin AsOfOption asOf,
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description = "Only those that stand so: active, suspended, retired.")
          @Nullable String status,
      @Option(
              names = "--capability",
              paramLabel = "CAPABILITY",
              description = "Only those that can do this.")
          @Nullable String capability) {
    return page.print(
        console(),
        server.client(tenant),
        new ListPath("/v1/agents")
            .with("status", status)
            .with("capability", capability)
            .with("asOf", asOf.value()),
        json,
        List.of(ID, "STATUS", "ONLINE", "AT ONCE", "AUTONOMY", "ROLE", "CAPABILITIES", "NAME"),
        row ->
            List.of(
                row.path("agentId").asText(),
                row.path("status").asText(),
                row.path("online").asBoolean() ? "yes" : "no",
                row.path("concurrency").asText(),
                row.path("autonomy").asText(),
                row.path("role").asText(),
                names(row.path("capabilities")),
                row.path("name").asText()));
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show an agent as its table has it.")
  int show(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin AsOfOption asOf,
      @Parameters(paramLabel = ID) String agentId) {
    return FieldTable.print(
        console(),
        json,
        server
            .client(tenant)
            .get(new ListPath("/v1/agents/" + agentId).with("asOf", asOf.value()).toString()));
  }

  private static String names(JsonNode list) {
    return list.isEmpty()
        ? "-"
        : StreamSupport.stream(list.spliterator(), false)
            .map(JsonNode::asText)
            .collect(Collectors.joining(", "));
  }

  @Command(
      name = "register",
      mixinStandardHelpOptions = true,
      description = "Make an agent known. With an id, the same may be asked again.")
  int register(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin AbilityOptions abilities,
      @Option(names = "--name", paramLabel = "NAME", required = true) String name,
      @Option(
              names = "--role",
              paramLabel = "ROLE",
              required = true,
              description = "What it does, in a word or two.")
          String role,
      @Option(
              names = "--model",
              paramLabel = "MODEL",
              description = "Which language model answers for it, where one does.")
          @Nullable String model,
      @Option(
              names = "--id",
              paramLabel = ID,
              description = "Its id, a UUID. Default: one that the server makes.")
          @Nullable String agentId) {
    ObjectNode body = JSON.objectNode().put("name", name).put("role", role);
    if (model != null) {
      body.put("model", model);
    }
    if (agentId != null) {
      body.put("agentId", agentId);
    }
    abilities.addTo(body);
    return answer(json, "registered", server.client(tenant).post("/v1/agents", body));
  }

  @Command(
      name = "capabilities",
      mixinStandardHelpOptions = true,
      description = {
        "Change what an agent can do and how far it may go. What is not given stays;",
        "a list that is given replaces the one before, and '' empties it."
      })
  int capabilities(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin AbilityOptions abilities,
      @Parameters(paramLabel = ID) String agentId) {
    ObjectNode body = JSON.objectNode();
    abilities.addTo(body);
    return command(server, tenant, json, agentId, "capabilities", "changed", body);
  }

  @Command(
      name = "suspend",
      mixinStandardHelpOptions = true,
      description = "Give an agent no more work until it is activated.")
  int suspend(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String agentId,
      @Option(names = "--reason", paramLabel = "REASON", required = true) String reason) {
    return command(server, tenant, json, agentId, "suspend", "suspended", reasonBody(reason));
  }

  @Command(
      name = "activate",
      mixinStandardHelpOptions = true,
      description = "End an agent's suspension.")
  int activate(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String agentId) {
    return command(server, tenant, json, agentId, "activate", "activated", JSON.objectNode());
  }

  @Command(
      name = "retire",
      mixinStandardHelpOptions = true,
      description = "Take an agent out of service, for good.")
  int retire(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String agentId,
      @Option(names = "--reason", paramLabel = "REASON", required = true) String reason) {
    return command(server, tenant, json, agentId, "retire", "retired", reasonBody(reason));
  }

  private static ObjectNode reasonBody(String reason) {
    return JSON.objectNode().put("reason", reason);
  }

  private int command(
      ServerOptions server,
      TenantOption tenant,
      JsonOption json,
      String agentId,
      String verb,
      String done,
      ObjectNode body) {
    JsonNode answer = server.client(tenant).post("/v1/agents/%s/%s".formatted(agentId, verb), body);
    return answer(json, done, answer);
  }

  private int answer(JsonOption json, String done, JsonNode answer) {
    if (json.isSet()) {
      console().json(answer);
    } else {
      console()
          .line(
              "%s: %s (position %s)"
                  .formatted(done, answer.path("id").asText(), answer.path("position").asText()));
    }
    return ExitCode.OK;
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

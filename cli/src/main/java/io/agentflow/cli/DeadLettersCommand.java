package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af projections dead-letters}. */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Events that broke a projection. What their aggregates did from there on is not in its",
      "tables; all else is. The log has everything."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af projections dead-letters list workflows",
      "  af projections dead-letters retry workflows AGGREGATE_ID",
      "  af projections dead-letters drop workflows AGGREGATE_ID"
    })
final class DeadLettersCommand {

  private static final String NAME = "NAME";
  private static final String AGGREGATE_ID = "AGGREGATE_ID";

  @Spec private CommandSpec spec;

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List what a projection has set aside, in the log's order.")
  int list(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = NAME, description = "The projection.") String name) {
    return ItemTable.print(
        console(),
        server.client(tenant).get("/v1/projections/%s/dead-letters".formatted(name)),
        json,
        List.of(AGGREGATE_ID, "TENANT", "POSITION", "EVENT", "WAITING", "TRIED", "CAUSE"),
        letter ->
            List.of(
                letter.path("aggregateId").asText(),
                letter.path("tenantId").asText(),
                Console.count(letter.path("position").asLong()),
                letter.path("eventType").asText(),
                Console.count(letter.path("waiting").asLong()),
                Console.count(letter.path("attempts").asLong()),
                Console.oneLine(letter.path("cause").asText())));
  }

  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      description = {
        "Try again what an aggregate did since it was set aside.",
        "Ends with 1 when it breaks."
      })
  int retry(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = NAME, description = "The projection.") String name,
      @Parameters(paramLabel = AGGREGATE_ID, description = "Whose events wait.")
          String aggregateId) {
    return redeliver(server.client(tenant), json, name, aggregateId, "retry");
  }

  @Command(
      name = "drop",
      mixinStandardHelpOptions = true,
      description = {
        "Give up what the event that broke did to the tables, and try what waits behind it.",
        "Ends with 1 when that breaks."
      })
  int drop(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = NAME, description = "The projection.") String name,
      @Parameters(paramLabel = AGGREGATE_ID, description = "Whose events wait.")
          String aggregateId) {
    return redeliver(server.client(tenant), json, name, aggregateId, "drop");
  }

  private int redeliver(
      ApiClient api, JsonOption json, String name, String aggregateId, String verb) {
    JsonNode answer =
        api.post(
            "/v1/projections/%s/dead-letters/%s/%s".formatted(name, aggregateId, verb),
            JsonNodeFactory.instance.objectNode());
    boolean projected = answer.path("projected").asBoolean();
    if (json.isSet()) {
      console().json(answer);
    } else if (projected) {
      console().line("all that aggregate %s did is in %s".formatted(aggregateId, name));
    } else {
      JsonNode letter = answer.path("deadLetter");
      console()
          .line(
              "%s broke at position %s: %s"
                  .formatted(
                      letter.path("eventType").asText(),
                      Console.count(letter.path("position").asLong()),
                      Console.oneLine(letter.path("cause").asText())));
    }
    return projected ? ExitCode.OK : ExitCode.FINDING;
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af keys}. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Keys by which programs call that cannot fetch tokens.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  af keys create deploy --role operator --project shop --days 90",
      "  AF_TOKEN=$(af keys create reports --role viewer --only-key) af workflows list",
      "  af keys list",
      "  af keys revoke KEY_ID"
    })
final class KeysCommand {

  private static final String KEY_ID = "KEY_ID";

  @Spec private CommandSpec spec;

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Issue a key and print it, this once.")
  int create(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin PersonOption person,
      @Mixin JsonOption json,
      @Mixin ScopeOptions scope,
      @Parameters(paramLabel = "NAME", description = "What people know it by.") String name,
      @Option(
              names = "--role",
              paramLabel = "ROLE",
              required = true,
              description =
                  "viewer, operator, engineer, admin, auditor or steward; may be given several"
                      + " times.")
          List<String> roles,
      @Option(
              names = "--days",
              paramLabel = "DAYS",
              defaultValue = "90",
              description = "How long it is good, 1 to 366 (default: ${DEFAULT-VALUE}).")
          long days,
      @Option(
              names = "--only-key",
              description = "Print the key and nothing else, for a script to keep.")
          boolean onlyKey,
      @Option(
              names = "--id",
              paramLabel = KEY_ID,
              description = "Its id, a UUID. Default: a new one.")
          @Nullable String keyId) {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("keyId", keyId == null ? UuidCreator.getTimeOrderedEpoch().toString() : keyId)
            .put("name", name)
            .put("expiresAt", Instant.now().plus(Duration.ofDays(days)).toString());
    roles.forEach(body.putArray("roles")::add);
    scope.addTo(body);
    JsonNode issued =
        server.client(tenant).actingAs(person.name(), List.of()).post("/v1/access/keys", body);
    if (json.isSet()) {
      console().json(issued);
    } else if (!issued.path("key").isTextual()) {
      throw new IllegalStateException(issued.path("note").asText());
    } else if (onlyKey) {
      console().line(issued.path("key").asText());
    } else {
      console().line("issued " + issued.path("id").asText());
      console().line(issued.path("key").asText());
      console().line("keep it: it is told this once; send it as AF_TOKEN has it");
    }
    return ExitCode.OK;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List the keys that are good, those first that expire first.")
  int list(@Mixin ServerOptions server, @Mixin TenantOption tenant, @Mixin JsonOption json) {
    return ItemTable.print(
        console(),
        server.client(tenant).get("/v1/access/keys"),
        json,
        List.of(KEY_ID, "ROLES", "WHERE", "UNTIL", "NAME"),
        key ->
            List.of(
                key.path("keyId").asText(),
                AccessCommand.joined(key.path("roles")),
                ScopeOptions.words(key),
                key.path("expiresAt").asText(),
                key.path("name").asText()));
  }

  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Call a key back, for good.")
  int revoke(@Mixin PersonOptions person, @Parameters(paramLabel = KEY_ID) String keyId) {
    return person.command(
        console(),
        "revoked",
        "/v1/access/keys/%s/revoke".formatted(keyId),
        JsonNodeFactory.instance.objectNode());
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

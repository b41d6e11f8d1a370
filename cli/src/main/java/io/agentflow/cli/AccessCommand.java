package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af access}. */
@Command(
    name = "access",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Who may do what, and where: by the tenant's own word, besides that of tokens.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  af access me",
      "  af access bind olga operator",
      "  af access bind quinn engineer --project shop --environment test",
      "  af access list",
      "  af access unbind BINDING_ID"
    })
final class AccessCommand {

  private static final String BINDING_ID = "BINDING_ID";

  @Spec private CommandSpec spec;

  @Command(
      name = "me",
      mixinStandardHelpOptions = true,
      description = "Tell who I am, which roles I have where, and what they let me do.")
  int me(@Mixin PersonOptions person) {
    JsonNode me = person.clientOfPerson().get("/v1/access/me");
    if (person.isJson()) {
      console().json(me);
      return ExitCode.OK;
    }
    console()
        .line(
            "%s in the tenant %s"
                .formatted(me.path("actor").asText(), me.path("tenantId").asText()));
    List<List<String>> rows = new ArrayList<>();
    me.path("access")
        .forEach(
            access ->
                rows.add(
                    List.of(
                        access.path("role").asText(),
                        ScopeOptions.words(access),
                        joined(access.path("permissions")))));
    console().table(List.of("ROLE", "WHERE", "MAY"), rows);
    return ExitCode.OK;
  }

  static String joined(JsonNode words) {
    List<String> texts = new ArrayList<>();
    words.forEach(word -> texts.add(word.asText()));
    return String.join(", ", texts);
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List who has which role, and where.")
  int list(@Mixin ServerOptions server, @Mixin TenantOption tenant, @Mixin JsonOption json) {
    return ItemTable.print(
        console(),
        server.client(tenant).get("/v1/access/bindings"),
        json,
        List.of(BINDING_ID, "PRINCIPAL", "ROLE", "WHERE"),
        binding ->
            List.of(
                binding.path("bindingId").asText(),
                binding.path("principal").asText(),
                binding.path("role").asText(),
                ScopeOptions.words(binding)));
  }

  @Command(
      name = "bind",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Give somebody a role.")
  int bind(
      @Mixin PersonOptions person,
      @Mixin ScopeOptions scope,
      @Parameters(paramLabel = "PRINCIPAL", description = "The subject of its tokens.")
          String principal,
      @Parameters(
              paramLabel = "ROLE",
              description = "viewer, operator, engineer, admin, auditor or steward.")
          String role) {
    ObjectNode body =
        JsonNodeFactory.instance.objectNode().put("principal", principal).put("role", role);
    scope.addTo(body);
    return person.command(console(), "bound", "/v1/access/bindings", body);
  }

  @Command(
      name = "unbind",
      mixinStandardHelpOptions = true,
      description = "Take a role away that was given here.")
  int unbind(@Mixin PersonOptions person, @Parameters(paramLabel = BINDING_ID) String bindingId) {
    return person.command(
        console(),
        "unbound",
        "/v1/access/bindings/%s/remove".formatted(bindingId),
        JsonNodeFactory.instance.objectNode());
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

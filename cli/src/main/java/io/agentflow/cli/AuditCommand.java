package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code af audit}. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Is the log whole and untouched?")
final class AuditCommand {

  @Spec private CommandSpec spec;

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = {
        "Derive every hash of the log again and compare.",
        "Without --tenant the chains of all tenants are verified."
      },
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:the log is whole",
        "1:it is broken; the first broken entry of each broken chain is named"
      },
      footerHeading = "%nExamples:%n",
      footer = {"  af audit verify", "  af audit verify --tenant acme --json"})
  int verify(
      @Mixin ServerOptions server,
      @Mixin JsonOption json,
      @Option(names = "--tenant", paramLabel = "TENANT", description = "This tenant's chain alone.")
          @Nullable String tenant) {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    String query =
        tenant == null ? "" : "?tenant=" + URLEncoder.encode(tenant, StandardCharsets.UTF_8);
    JsonNode verification = server.client().get("/v1/audit/verification" + query);
    boolean valid = verification.path("valid").asBoolean();
    if (json.isSet()) {
      console.json(verification);
    } else {
      print(console, verification);
    }
    return valid ? ExitCode.OK : ExitCode.FINDING;
  }

  private static void print(Console console, JsonNode verification) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode tenant : verification.path("tenants")) {
      rows.add(
          List.of(
              tenant.path("tenantId").asText(),
              tenant.path("valid").asBoolean() ? "whole" : "BROKEN",
              Console.count(tenant.path("entries").asLong()),
              Console.count(tenant.path("entriesPerSecond").asLong())));
    }
    console.table(List.of("TENANT", "CHAIN", "ENTRIES", "ENTRIES/S"), rows);
    for (JsonNode tenant : verification.path("tenants")) {
      JsonNode finding = tenant.path("finding");
      if (finding.isObject()) {
        console.styled(
            "@|red tenant %s is broken at entry %s|@ (position %s, event %s)"
                .formatted(
                    tenant.path("tenantId").asText(),
                    finding.path("tenantPosition").asText(),
                    finding.path("position").asText(),
                    finding.path("eventId").asText()));
        console.line("  " + finding.path("message").asText());
        console.line("  expected " + finding.path("expected").asText());
        console.line("  found    " + finding.path("found").asText());
      }
    }
  }
}

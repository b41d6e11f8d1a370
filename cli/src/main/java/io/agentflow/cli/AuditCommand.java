package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentflow.client.Refusal;
import io.agentflow.client.ServerUnreachable;
import io.agentflow.eventstore.verify.ExportVerifier;
import io.agentflow.eventstore.verify.TenantVerification;
import io.agentflow.eventstore.verify.UnreadableExport;
import io.agentflow.eventstore.verify.Verification;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
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

  private static final JsonMapper JSON = new JsonMapper();

  /** Above this a table names the broken chains alone. */
  private static final int WHOLE_ROWS_MAX = 50;

  @Spec private CommandSpec spec;

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = {
        "Derive every hash of the log again and compare.",
        "Without --tenant the chains of all tenants are verified.",
        "With --file an export is verified here, without any server."
      },
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:the log is whole",
        "1:it is broken; the first broken entry of each broken chain is named",
        "6:the file is not there, no export, or not all of one; nothing is judged"
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  af audit verify",
        "  af audit verify --tenant acme --json",
        "  af audit export -o log.ndjson && af audit verify --file log.ndjson"
      })
  int verify(
      @Mixin ServerOptions server,
      @Mixin JsonOption json,
      @Option(names = "--tenant", paramLabel = "TENANT", description = "This tenant's chain alone.")
          @Nullable String tenant,
      @Option(
              names = "--file",
              paramLabel = "EXPORT",
              description = "Verify this export and ask no server.")
          @Nullable Path file)
      throws IOException {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    JsonNode verification =
        file == null
            ? verifyByServer(console, client(server, tenant), tenant)
            : JSON.valueToTree(verifyFile(console, file, tenant));
    if (json.isSet()) {
      console.json(verification);
    } else {
      print(console, verification);
    }
    return verification.path("valid").asBoolean() ? ExitCode.OK : ExitCode.FINDING;
  }

  private static JsonNode verifyByServer(
      Console console, ApiClient server, @Nullable String tenant) {
    try (ProgressBar progress = console.progress("verifying", 0);
        InputStream answer = server.lines("/v1/audit/verification" + query(tenant));
        MappingIterator<JsonNode> lines = JSON.readerFor(JsonNode.class).readValues(answer)) {
      while (lines.hasNextValue()) {
        JsonNode line = lines.nextValue();
        if (line.has("verification")) {
          return line.path("verification");
        }
        JsonNode problem = line.path("problem");
        if (problem.isObject()) {
          throw new Refusal(problem.path("status").asInt(), problem);
        }
        progress.maxHint(line.path("progress").path("total").asLong());
        progress.stepTo(line.path("progress").path("entries").asLong());
      }
      throw new IOException("the answer broke off");
    } catch (IOException e) {
      throw new ServerUnreachable(server.server(), e);
    }
  }

  private static Verification verifyFile(Console console, Path file, @Nullable String tenant)
      throws IOException {
    if (!Files.isReadable(file) || !Files.isRegularFile(file)) {
      throw new UnreadableExport(file + " is not a file that can be read");
    }
    Verification all;
    try (ProgressBar progress = console.progress("verifying", 0)) {
      all =
          new ExportVerifier()
              .verify(
                  file,
                  (entries, total) -> {
                    progress.maxHint(total);
                    progress.stepTo(entries);
                  });
    }
    if (tenant == null) {
      return all;
    }
    List<TenantVerification> asked =
        all.tenants().stream().filter(chain -> chain.tenantId().equals(tenant)).toList();
    if (asked.isEmpty()) {
      throw new UnreadableExport("%s has no entry of a tenant %s".formatted(file, tenant));
    }
    return new Verification(
        asked.getFirst().valid(),
        asked.getFirst().entries(),
        all.entriesPerSecond(),
        all.durationMs(),
        asked,
        null);
  }

  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      description = {
        "Write the log as a file that can be verified anywhere, one JSON object a line.",
        "docs/export-format.md describes it, and how to check a line by hand."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  af audit export -o log.ndjson",
        "  af audit export --tenant acme | gzip > acme.gz"
      })
  int export(
      @Mixin ServerOptions server,
      @Option(names = "--tenant", paramLabel = "TENANT", description = "This tenant's chain alone.")
          @Nullable String tenant,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FILE",
              description = "Where to; the file is there when all of it is. Default: stdout.")
          @Nullable Path file)
      throws IOException {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    ApiClient client = client(server, tenant);
    try (ProgressBar progress = console.progress("exporting", 0);
        InputStream lines = client.lines("/v1/audit/export" + query(tenant))) {
      ExportDownload download = new ExportDownload(client.server(), progress);
      if (file == null) {
        download.copy(lines, System.out);
        return ExitCode.OK;
      }
      long entries = download.copyTo(file, lines);
      console.line("%s entries written to %s".formatted(Console.count(entries), file));
      return ExitCode.OK;
    }
  }

  private static ApiClient client(ServerOptions server, @Nullable String tenant) {
    return tenant == null ? server.client() : server.client(tenant);
  }

  private static String query(@Nullable String tenant) {
    return tenant == null ? "" : "?tenant=" + URLEncoder.encode(tenant, StandardCharsets.UTF_8);
  }

  private static void print(Console console, JsonNode verification) {
    JsonNode tenants = verification.path("tenants");
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode tenant : tenants) {
      boolean valid = tenant.path("valid").asBoolean();
      if (!valid || tenants.size() <= WHOLE_ROWS_MAX) {
        rows.add(
            List.of(
                tenant.path("tenantId").asText(),
                valid ? "whole" : "BROKEN",
                Console.count(tenant.path("entries").asLong()),
                Console.count(tenant.path("entriesPerSecond").asLong())));
      }
    }
    if (!rows.isEmpty()) {
      console.table(List.of("TENANT", "CHAIN", "ENTRIES", "ENTRIES/S"), rows);
    }
    for (JsonNode tenant : tenants) {
      if (tenant.path("finding").isObject()) {
        JsonNode finding = tenant.path("finding");
        console.styled(
            "@|red tenant %s is broken at entry %s|@ (position %s, event %s)"
                .formatted(
                    tenant.path("tenantId").asText(),
                    finding.path("tenantPosition").asText(),
                    finding.path("position").asText(),
                    finding.path("eventId").asText()));
        printFinding(console, finding);
      }
    }
    if (verification.path("finding").isObject()) {
      console.styled("@|red the log is broken|@");
      printFinding(console, verification.path("finding"));
    }
    console.line(
        "%s entries of %s tenants read in %.1f s: %s"
            .formatted(
                Console.count(verification.path("entries").asLong()),
                Console.count(tenants.size()),
                verification.path("durationMs").asLong() / 1e3,
                verification.path("valid").asBoolean() ? "whole" : "BROKEN"));
  }

  private static void printFinding(Console console, JsonNode finding) {
    console.line("  " + finding.path("message").asText());
    console.line("  expected " + finding.path("expected").asText());
    console.line("  found    " + finding.path("found").asText());
  }
}

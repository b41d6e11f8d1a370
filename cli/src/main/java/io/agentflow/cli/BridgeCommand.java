package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.client.Refusal;
import io.agentflow.client.ServerUnreachable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code af bridge}. */
@Command(
    name = "bridge",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "The mirror of the log on NATS: how far each stream is published, whether it is exact,",
      "and its repair. All of it while everything goes on."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af bridge status",
      "  af bridge verify",
      "  af bridge verify --stream AF_TOOLS --examples 1000 --json",
      "  af bridge repair"
    })
final class BridgeCommand {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);
  private static final String RUNNING = "RUNNING";
  private static final int DIGEST_CHARS = 16;
  private static final String STREAM = "STREAM";
  private static final String MESSAGES = "MESSAGES";

  @Spec private CommandSpec spec;

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Show how far each stream is published, and how large it is.")
  int status(@Mixin ServerOptions server, @Mixin TenantOption tenant, @Mixin JsonOption json) {
    JsonNode status = server.client(tenant).get("/v1/bridge");
    if (json.isSet()) {
      console().json(status);
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode stream : status.path("streams")) {
      rows.add(
          List.of(
              stream.path("name").asText(),
              count(stream, "position"),
              count(stream, "lag"),
              count(stream, "messages"),
              count(stream, "bytes"),
              stream.path("firstSequence").asLong() + "-" + stream.path("lastSequence").asLong(),
              state(stream)));
    }
    console()
        .table(List.of(STREAM, "POSITION", "LAG", MESSAGES, "BYTES", "SEQUENCES", "STATE"), rows);
    if (rows.isEmpty()) {
      console().line(state(status));
    }
    return ExitCode.OK;
  }

  private static String state(JsonNode standing) {
    return "%s %s"
        .formatted(standing.path("state").asText(), standing.path("detail").asText())
        .strip();
  }

  private static String count(JsonNode node, String name) {
    return Console.count(node.path(name).asLong());
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = {
        "Hold each stream against the log, message by message, and name what is not as the log",
        "says: missing, foreign, altered, duplicate, out of order."
      },
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:every stream is exact, up to what is published",
        "1:one is not; 'af bridge repair' makes it so",
        "4:refused; also when there is no NATS to look at"
      })
  int verify(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin StreamOption stream,
      @Option(
              names = "--examples",
              paramLabel = "COUNT",
              defaultValue = "20",
              description = "So many of each kind are named. Default: ${DEFAULT-VALUE}.")
          int examples) {
    JsonNode verification = verification(server.client(tenant), stream, examples);
    if (json.isSet()) {
      console().json(verification);
    } else {
      printVerification(verification);
    }
    return verification.path("exact").asBoolean() ? ExitCode.OK : ExitCode.FINDING;
  }

  private JsonNode verification(ApiClient server, StreamOption stream, int examples) {
    String path = "/v1/bridge/verification?examples=" + examples + stream.parameter();
    try (ProgressBar progress = console().progress("comparing", 0);
        InputStream answer = server.lines(path);
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
        JsonNode reached = line.path("progress");
        progress.setExtraMessage(reached.path("stream").asText());
        progress.maxHint(reached.path("total").asLong());
        progress.stepTo(reached.path("messages").asLong());
      }
      throw new IOException("the answer broke off");
    } catch (IOException e) {
      throw new ServerUnreachable(server.server(), e);
    }
  }

  private void printVerification(JsonNode verification) {
    List<List<String>> rows = new ArrayList<>();
    List<List<String>> findings = new ArrayList<>();
    for (JsonNode stream : verification.path("streams")) {
      String name = stream.path("name").asText();
      rows.add(
          List.of(
              name,
              stream.path("exact").asBoolean() ? "exact" : "NOT EXACT",
              count(stream, "messages"),
              count(stream, "missing"),
              count(stream, "foreign"),
              count(stream, "altered"),
              count(stream, "duplicate"),
              count(stream, "outOfOrder"),
              abbreviated(stream.path("digest").asText())));
      for (JsonNode finding : stream.path("findings")) {
        findings.add(
            List.of(
                finding.path("kind").asText(),
                finding.path("position").asText("-").replace("null", "-"),
                finding.path("sequence").asText("-").replace("null", "-"),
                finding.path("messageId").asText(),
                finding.path("detail").asText()));
      }
    }
    console()
        .table(
            List.of(
                STREAM,
                "",
                MESSAGES,
                "MISSING",
                "FOREIGN",
                "ALTERED",
                "DOUBLE",
                "DISORDER",
                "DIGEST"),
            rows);
    if (!findings.isEmpty()) {
      console().table(List.of("FINDING", "POSITION", "SEQUENCE", "MESSAGE", "WHAT"), findings);
    }
    console()
        .line(
            "compared in %.1f s: %s"
                .formatted(
                    verification.path("durationMs").asLong() / 1e3,
                    verification.path("exact").asBoolean() ? "exact" : "NOT EXACT"));
  }

  private static String abbreviated(String digest) {
    return digest.substring(0, Math.min(digest.length(), DIGEST_CHARS));
  }

  @Command(
      name = "repair",
      mixinStandardHelpOptions = true,
      description = {
        "Make each stream hold exactly the log's events, in order. What does not belong there is",
        "deleted, what is missing is published; where order demands it, all from the first fault",
        "on is built beside the stream, and then takes its place. Consumers are told those",
        "messages again, under new sequence numbers and the same message ids."
      },
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:every stream is exact now",
        "1:one could not be made so; it says why, and repairing again is safe",
        "4:refused; also while another repair is under way"
      })
  int repair(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin StreamOption stream)
      throws InterruptedException {
    ApiClient api = server.client(tenant);
    JsonNode standing = awaitEnd(api, api.post("/v1/bridge/repairs", stream.body()));
    if (json.isSet()) {
      console().json(standing);
    } else {
      printRepair(standing);
    }
    return standing.path("status").asText().equals("COMPLETED") ? ExitCode.OK : ExitCode.FINDING;
  }

  private JsonNode awaitEnd(ApiClient api, JsonNode begun) throws InterruptedException {
    String path = "/v1/bridge/repairs/" + begun.path("id").asText();
    JsonNode standing = begun;
    try (ProgressBar progress = console().progress("repairing", 0)) {
      while (standing.path("status").asText().equals(RUNNING)) {
        for (JsonNode stream : standing.path("streams")) {
          if (stream.path("status").asText().equals(RUNNING)
              && !stream.path("phase").asText().isEmpty()) {
            progress.setExtraMessage(
                stream.path("name").asText() + ": " + stream.path("phase").asText());
            progress.maxHint(stream.path("total").asLong());
            progress.stepTo(stream.path("done").asLong());
          }
        }
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS.toMillis());
        standing = api.get(path);
      }
    }
    return standing;
  }

  private void printRepair(JsonNode standing) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode stream : standing.path("streams")) {
      boolean failed = !stream.path("reason").isNull();
      rows.add(
          List.of(
              stream.path("name").asText(),
              failed ? "FAILED" : "exact",
              count(stream, "messages"),
              count(stream, "deleted"),
              count(stream, "published"),
              count(stream, "builtBeside"),
              failed
                  ? stream.path("reason").asText()
                  : abbreviated(stream.path("digest").asText())));
    }
    console()
        .table(List.of(STREAM, "", MESSAGES, "DELETED", "PUBLISHED", "BESIDE", "DIGEST"), rows);
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }

  /** Which stream; without it, all that mirror the log. */
  static final class StreamOption {

    @Option(names = "--stream", paramLabel = STREAM, description = "This stream alone.")
    private @Nullable String stream;

    private String parameter() {
      return stream == null ? "" : "&stream=" + URLEncoder.encode(stream, StandardCharsets.UTF_8);
    }

    private ObjectNode body() {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      return stream == null ? body : body.put("stream", stream);
    }
  }
}

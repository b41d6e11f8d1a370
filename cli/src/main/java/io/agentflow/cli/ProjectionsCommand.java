package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af projections}. */
@Command(
    name = "projections",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = DeadLettersCommand.class,
    description = {
      "The tables that answer questions, all derived from the log: how far each is; built again",
      "beside those that are asked, compared, and switched to, while everything goes on."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af projections list",
      "  af projections rebuild workflows --wait",
      "  af projections diff workflows",
      "  af projections switch workflows",
      "  af projections rollback workflows",
      "  af projections dead-letters list workflows"
    })
final class ProjectionsCommand {

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);
  private static final String NAME = "NAME";

  @Spec private CommandSpec spec;

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List the projections: how far each is behind the log, and its copy.")
  int list(@Mixin ServerOptions server, @Mixin TenantOption tenant, @Mixin JsonOption json) {
    return ItemTable.print(
        console(),
        server.client(tenant).get("/v1/projections"),
        json,
        List.of(NAME, "POSITION", "LAG", "DEAD LETTERS", "COPY"),
        projection ->
            List.of(
                projection.path("name").asText(),
                Console.count(projection.path("position").asLong()),
                Console.count(projection.path("lagEvents").asLong()),
                Console.count(projection.path("deadLetters").asLong()),
                copy(projection.path("copy"))));
  }

  /** For example {@code next, 80 %, 12 s left}. */
  private static String copy(JsonNode copy) {
    if (!copy.isObject()) {
      return "";
    }
    List<String> words = new ArrayList<>();
    words.add(copy.path("copy").asText());
    if (copy.path("lagEvents").asLong() > 0) {
      words.add(copy.path("percent").asInt() + " %");
      if (copy.path("secondsLeft").isNumber()) {
        words.add(copy.path("secondsLeft").asLong() + " s left");
      }
    }
    if (copy.path("deadLetters").asLong() > 0) {
      words.add(copy.path("deadLetters").asLong() + " dead letters");
    }
    return String.join(", ", words);
  }

  @Command(
      name = "rebuild",
      mixinStandardHelpOptions = true,
      description = {
        "Build a projection's tables again from the log's beginning, beside those that are asked.",
        "Nothing changes for anybody before you switch."
      })
  int rebuild(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = NAME, description = "As 'af projections list' calls it.")
          String name,
      @Option(names = "--wait", description = "Return when it is as far as the log.") boolean waits)
      throws InterruptedException {
    ApiClient api = server.client(tenant);
    JsonNode begun = post(api, name, "rebuild");
    if (waits) {
      begun = awaitCopy(api, name, json);
    }
    if (json.isSet()) {
      console().json(begun);
    } else {
      console().line("%s: the copy is %s".formatted(name, copy(begun.path("copy"))));
      console().line("then: af projections diff %1$s; af projections switch %1$s".formatted(name));
    }
    return ExitCode.OK;
  }

  private JsonNode awaitCopy(ApiClient api, String name, JsonOption json)
      throws InterruptedException {
    JsonNode standing = api.get("/v1/projections/" + name);
    long head = end(standing);
    try (ProgressBar progress = json.isSet() ? null : console().progress("building", head)) {
      while (standing.path("copy").path("lagEvents").asLong() > 0) {
        if (progress != null) {
          progress.maxHint(end(standing));
          progress.stepTo(standing.path("copy").path("position").asLong());
        }
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS.toMillis());
        standing = api.get("/v1/projections/" + name);
      }
      if (progress != null) {
        progress.stepTo(end(standing));
      }
    }
    return standing;
  }

  /** Where the log ends. */
  private static long end(JsonNode standing) {
    JsonNode copy = standing.path("copy");
    return copy.path("position").asLong() + copy.path("lagEvents").asLong();
  }

  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      description = {
        "Compare the tables that are asked with their copy, row by row, at one point of the log.",
        "Ends with 1 when rows differ."
      })
  int diff(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = NAME, description = "As 'af projections list' calls it.")
          String name,
      @Option(
              names = "--examples",
              paramLabel = "ROWS",
              defaultValue = "20",
              description = "So many rows that differ are shown. Default: ${DEFAULT-VALUE}.")
          int examples) {
    JsonNode diff =
        server.client(tenant).get("/v1/projections/%s/diff?examples=%d".formatted(name, examples));
    long different = diff.path("different").asLong();
    if (json.isSet()) {
      console().json(diff);
    } else {
      console()
          .line(
              "%s rows compared at position %s, %s differ"
                  .formatted(
                      Console.count(diff.path("rows").asLong()),
                      Console.count(diff.path("position").asLong()),
                      Console.count(different)));
      printExamples(diff.path("examples"));
    }
    return different == 0 ? ExitCode.OK : ExitCode.FINDING;
  }

  private void printExamples(JsonNode examples) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : examples) {
      List<String> key = new ArrayList<>();
      row.path("key").forEach(part -> key.add(part.asText()));
      for (Map.Entry<String, JsonNode> column : row.path("columns").properties()) {
        rows.add(
            List.of(
                row.path("table").asText(),
                String.join(" ", key),
                column.getKey(),
                column.getValue().path("live").toString(),
                column.getValue().path("copy").toString()));
      }
    }
    if (!rows.isEmpty()) {
      console().table(List.of("TABLE", "ROW", "COLUMN", "ASKED", "COPY"), rows);
    }
  }

  @Command(
      name = "switch",
      mixinStandardHelpOptions = true,
      description = {
        "Have the copy asked from now on, at once for all nodes. The tables that were asked are",
        "kept, and kept up, so that 'af projections rollback' can bring them back."
      })
  int switchCopy(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = NAME, description = "As 'af projections list' calls it.")
          String name) {
    return printSwitched(post(server.client(tenant), name, "switch"), name, json);
  }

  @Command(
      name = "rollback",
      mixinStandardHelpOptions = true,
      description = "Have those tables asked again that were asked before the last switch.")
  int rollback(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = NAME, description = "As 'af projections list' calls it.")
          String name) {
    return printSwitched(post(server.client(tenant), name, "rollback"), name, json);
  }

  private int printSwitched(JsonNode switched, String name, JsonOption json) {
    if (json.isSet()) {
      console().json(switched);
    } else {
      console()
          .line(
              "%s: switched; readers waited %.1f ms at most"
                  .formatted(name, switched.path("lockedMicros").asLong() / 1_000.0));
    }
    return ExitCode.OK;
  }

  @Command(
      name = "discard",
      mixinStandardHelpOptions = true,
      description = "Drop a projection's copy, be it the next tables or the previous ones.")
  int discard(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = NAME, description = "As 'af projections list' calls it.")
          String name) {
    JsonNode standing = post(server.client(tenant), name, "discard");
    if (json.isSet()) {
      console().json(standing);
    } else {
      console().line(name + ": has no copy any more");
    }
    return ExitCode.OK;
  }

  private static JsonNode post(ApiClient api, String name, String verb) {
    return api.post(
        "/v1/projections/%s/%s".formatted(name, verb), JsonNodeFactory.instance.objectNode());
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

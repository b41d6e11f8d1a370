package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.client.ListPath;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Publish histories on NATS again, in order, under a replay subject: a workflow's, or all that",
      "the tenant did. Each entry's hash is checked before it goes out. Ctrl-C cancels; --detach",
      "returns at once, and 'af replay show' says how far it is. docs/replays.md has the rest."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all is published and acknowledged, or, with --detach, it has begun",
      "1:it has failed or was cancelled; the message says why",
      "2:wrong usage",
      "3:no server answers",
      "4:the server refused it: no such workflow, no NATS, a subject of others, too many under way"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  nats sub 'af.default.replay.>' &",
      "  af replay 018f4e6a-0000-7000-8000-000000000001",
      "  af replay 018f4e6a-0000-7000-8000-000000000001 --speed 10x",
      "  af replay --since 2026-11-21T06:00:00Z --until 2026-11-21T07:00:00Z --speed original",
      "  af replay --from-position 1 --to-position 500 --to af.default.replay.training",
      "  af replay --from-position 1 --detach",
      "  af replay pause REPLAY_ID"
    })
final class ReplayCommand implements Callable<Integer> {

  private static final String PATH = "/v1/replays";
  private static final long WAIT_MILLIS = 500;
  private static final Duration CANCEL_WITHIN = Duration.ofSeconds(20);
  private static final Set<String> UNDER_WAY = Set.of("running", "waiting", "paused");
  private static final String REPLAY_ID = "REPLAY_ID";

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private JsonOption json;

  @Parameters(
      paramLabel = "WORKFLOW_ID",
      arity = "0..1",
      description = "Whose history. Without it, all that the tenant did.")
  private @Nullable String workflowId;

  @ArgGroup private @Nullable Beginning beginning;
  @ArgGroup private @Nullable End end;

  /** From where on. */
  static final class Beginning {
    @Option(
        names = "--since",
        paramLabel = "TIME",
        description = "What occurred then or later, for example 2026-11-21T06:00:00Z.")
    private @Nullable String since;

    @Option(
        names = "--from-position",
        paramLabel = "POSITION",
        description = "What stands at this position of the log or behind.")
    private @Nullable Long position;

    String moment() {
      return position == null ? String.valueOf(since) : Long.toString(position);
    }
  }

  /** Up to where. */
  static final class End {
    @Option(
        names = "--until",
        paramLabel = "TIME",
        description = "Nothing that stands behind the last entry of this time.")
    private @Nullable String until;

    @Option(
        names = "--to-position",
        paramLabel = "POSITION",
        description = "Nothing that stands behind this position. Default: the log's end now.")
    private @Nullable Long position;

    String moment() {
      return position == null ? String.valueOf(until) : Long.toString(position);
    }
  }

  @Option(
      names = "--speed",
      paramLabel = "SPEED",
      description =
          "original: with the times that lay between the events; 10x: a tenth of them; max: without"
              + " waiting. Default: max.")
  private String speed = "max";

  @Option(
      names = "--to",
      paramLabel = "SUBJECT",
      description = "One subject for all of it: af.TENANT.replay. and a name.")
  private @Nullable String to;

  @Option(
      names = "--replay-id",
      paramLabel = REPLAY_ID,
      description = "A UUID; asked for again under the same, it is the same replay.")
  private @Nullable String replayId;

  @Option(names = "--detach", description = "Return when it has begun.")
  private boolean detaches;

  @Override
  public Integer call() {
    if (workflowId == null && beginning == null) {
      throw new ParameterException(
          spec.commandLine(), "name a workflow, or say --since or --from-position");
    }
    ApiClient api = server.client(tenant);
    if (detaches) {
      return tellBegun(api.post(PATH, body()));
    }
    JsonNode over = beginAndFollow(api, body());
    if (json.isSet()) {
      console().json(over);
    } else {
      console()
          .line(
              "%s messages published and acknowledged under %s"
                  .formatted(
                      Console.count(over.path("messages").asLong()),
                      over.path("subject").asText()));
    }
    if (over.path("status").asText().equals("completed")) {
      if (!json.isSet()) {
        console()
            .line("they stay in stream AF_REPLAYS: a day, unless the server was told otherwise");
      }
      return ExitCode.OK;
    }
    spec.commandLine()
        .getErr()
        .println(
            "af: the replay is %s at position %s: %s"
                .formatted(
                    over.path("status").asText(),
                    over.path("position").asText(),
                    over.path("reason").asText("somebody ended it")));
    return ExitCode.FINDING;
  }

  private ObjectNode body() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put(
        "replayId", replayId == null ? UuidCreator.getTimeOrderedEpoch().toString() : replayId);
    put(body, "workflowId", workflowId);
    put(body, "since", beginning == null ? null : beginning.moment());
    put(body, "until", end == null ? null : end.moment());
    put(body, "speed", speed);
    put(body, "to", to);
    return body;
  }

  private static void put(ObjectNode body, String name, @Nullable String value) {
    if (value != null) {
      body.put(name, value);
    }
  }

  private int tellBegun(JsonNode begun) {
    if (json.isSet()) {
      console().json(begun);
    } else {
      String id = begun.path("replayId").asText();
      console()
          .line(
              "%s: %s messages under %s"
                  .formatted(
                      begun.path("status").asText(),
                      Console.count(begun.path("total").asLong()),
                      begun.path("subject").asText()));
      console().line("then: af replay show %1$s; af replay cancel %1$s".formatted(id));
    }
    return ExitCode.OK;
  }

  /** To its end; whoever breaks off here has it cancelled. */
  private JsonNode beginAndFollow(ApiClient api, ObjectNode asked) {
    String path = PATH + "/" + asked.path("replayId").asText();
    Thread onSignal = new Thread(() -> cancel(api, path), "replay-cancel");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      return follow(api, api.post(PATH, asked));
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(onSignal);
      } catch (IllegalStateException e) {
        // The process is ending: the hook runs, and it is why the replay has ended.
      }
    }
  }

  private JsonNode follow(ApiClient api, JsonNode begun) {
    String path = PATH + "/" + begun.path("replayId").asText();
    try (ProgressBar progress = console().progress("replaying", begun.path("total").asLong())) {
      JsonNode state = begun;
      while (UNDER_WAY.contains(state.path("status").asText())) {
        show(progress, state);
        state = api.get(new ListPath(path).with("waitMillis", "" + WAIT_MILLIS).toString());
      }
      show(progress, state);
      return state;
    }
  }

  private static void show(ProgressBar progress, JsonNode state) {
    progress.stepTo(state.path("messages").asLong());
    String status = state.path("status").asText();
    progress.setExtraMessage(
        switch (status) {
          case "running" ->
              state.path("secondsLeft").isNumber()
                  ? " %s s left".formatted(state.path("secondsLeft").asText())
                  : "";
          case "waiting" -> " waiting: " + state.path("reason").asText("");
          default -> " " + status;
        });
  }

  private void cancel(ApiClient api, String path) {
    JsonNode cancelled =
        api.onceWithin(CANCEL_WITHIN).post(path + "/cancel", JsonNodeFactory.instance.objectNode());
    spec.commandLine()
        .getErr()
        .println(
            "af: %s; %s messages are out"
                .formatted(
                    cancelled.path("status").asText(),
                    Console.count(cancelled.path("messages").asLong())));
    spec.commandLine().getErr().flush();
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List the replays that the server has: under way, and the last that ended.")
  int list(@Mixin ServerOptions on, @Mixin TenantOption ofTenant, @Mixin JsonOption asJson) {
    return ItemTable.print(
        console(),
        on.client(ofTenant).get(PATH),
        asJson,
        List.of(REPLAY_ID, "STATUS", "MESSAGES", "OF", "SPEED", "SUBJECT"),
        replay ->
            List.of(
                replay.path("replayId").asText(),
                replay.path("status").asText(),
                Console.count(replay.path("messages").asLong()),
                Console.count(replay.path("total").asLong()),
                replay.path("speed").asText(),
                replay.path("subject").asText()));
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show how far a replay is.")
  int show(@Mixin OneReplay one) {
    return print(one.api().get(PATH + "/" + one.id), one.json);
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Stop a replay for the time being, a day at most.")
  int pause(@Mixin OneReplay one) {
    return print(post(one, "pause"), one.json);
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Have a paused replay go on behind its last message.")
  int resume(@Mixin OneReplay one) {
    return print(post(one, "resume"), one.json);
  }

  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "End a replay. What was published stays.")
  int cancel(@Mixin OneReplay one) {
    return print(post(one, "cancel"), one.json);
  }

  /** A replay that there is, and whom to ask of it. */
  static final class OneReplay {
    @Mixin private ServerOptions server;
    @Mixin private TenantOption tenant;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = REPLAY_ID)
    private String id;

    private ApiClient api() {
      return server.client(tenant);
    }
  }

  private static JsonNode post(OneReplay one, String verb) {
    return one.api()
        .post("%s/%s/%s".formatted(PATH, one.id, verb), JsonNodeFactory.instance.objectNode());
  }

  private int print(JsonNode state, JsonOption asJson) {
    if (asJson.isSet()) {
      console().json(state);
    } else {
      String reason = state.path("reason").asText("");
      console()
          .line(
              "%s: %s of %s messages, %d %%, up to position %s, under %s%s"
                  .formatted(
                      state.path("status").asText(),
                      Console.count(state.path("messages").asLong()),
                      Console.count(state.path("total").asLong()),
                      state.path("percent").asInt(),
                      state.path("position").asText(),
                      state.path("subject").asText(),
                      reason.isEmpty() ? "" : ": " + reason));
    }
    return ExitCode.OK;
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

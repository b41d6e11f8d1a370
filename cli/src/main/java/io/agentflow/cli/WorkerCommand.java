package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.cli.worker.CommandTool;
import io.agentflow.cli.worker.EchoTool;
import io.agentflow.cli.worker.HttpTool;
import io.agentflow.cli.worker.RecordedAnswers;
import io.agentflow.cli.worker.StepTool;
import io.agentflow.cli.worker.Toolbox;
import io.agentflow.cli.worker.Worker;
import io.agentflow.cli.worker.WorkerLog;
import io.agentflow.cli.worker.WorkerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code af worker}. */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Take steps of workflows for one agent, do them, and answer; until Ctrl-C or SIGTERM.",
      "Tools: echo always, http and command as far as they are allowed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af worker --name fetcher --allow-host api.example.com",
      "  af worker --name builder --allow-command git --allow-command /usr/bin/make --concurrency 2",
      "  af worker --name assistant --capability support --answers answers.jsonl",
      "  af worker --agent 018f4e6a-0000-7000-8000-0000000000a1 --json"
    })
final class WorkerCommand implements Callable<Integer> {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String ROLE = "worker";
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private JsonOption json;

  @ArgGroup(multiplicity = "1")
  private Who who = new Who();

  static final class Who {
    @Option(
        names = "--name",
        paramLabel = "NAME",
        description = "The agent of this name, registered where it is new.")
    private @Nullable String name;

    @Option(
        names = "--agent",
        paramLabel = "AGENT_ID",
        description = "This agent, as it is registered.")
    private @Nullable String agentId;
  }

  @Option(
      names = "--capability",
      paramLabel = "CAPABILITY",
      description = "With --name: something it is able to do. Repeat it for more.")
  private List<String> capabilities = List.of();

  @Option(
      names = "--concurrency",
      paramLabel = "STEPS",
      description = "Most steps at once, 1 to 1000. Default: what the agent is registered with.")
  private @Nullable Integer concurrency;

  @Option(
      names = "--allow-host",
      paramLabel = "HOST[:PORT]",
      description = "A host that the tool http may speak to. Repeat it for more.")
  private List<String> hosts = List.of();

  @Option(
      names = "--allow-command",
      paramLabel = "EXECUTABLE",
      description = "A name in PATH, or an absolute path, that the tool command may run.")
  private List<String> executables = List.of();

  @Option(
      names = "--answers",
      paramLabel = "FILE",
      description = "Recorded answers for agents' steps: JSON lines with step and answer.")
  private @Nullable Path answers;

  @Option(
      names = "--work-dir",
      paramLabel = "FOLDER",
      defaultValue = "${sys:java.io.tmpdir}",
      description = "Where each command gets a folder of its own (default: ${DEFAULT-VALUE}).")
  private Path workDir = Path.of("");

  @Option(
      names = "--output-limit",
      paramLabel = "BYTES",
      defaultValue = "12288",
      description = "Largest answer of http or command (default: ${DEFAULT-VALUE}).")
  private int outputBytesMax;

  @Option(
      names = "--step-limit",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "Longest time of a step, if its plan has none shorter (default: ${DEFAULT-VALUE}).")
  private long stepLimitSeconds;

  @Option(
      names = "--lease",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long a step stays ours without a heartbeat (default: ${DEFAULT-VALUE}).")
  private long leaseSeconds;

  @Option(
      names = "--poll",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description = "How long the server holds a request for steps (default: ${DEFAULT-VALUE}).")
  private long pollSeconds;

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description =
          "On SIGTERM: how long steps may go on before they are given back (default: ${DEFAULT-VALUE}).")
  private long graceSeconds;

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkRanges();
    Toolbox toolbox = toolbox();
    WorkerLog log = new WorkerLog(spec.commandLine().getOut(), json.isSet());
    ApiClient api = new ApiClient(server.url(), tenant.name(), 1);
    JsonNode agent = agent(patient(api, log), toolbox);
    WorkerSettings settings =
        new WorkerSettings(
            concurrency == null ? agent.path("concurrency").asInt(1) : concurrency,
            Duration.ofSeconds(leaseSeconds),
            Duration.ofSeconds(pollSeconds),
            Duration.ofSeconds(stepLimitSeconds));
    String agentId = agent.path("agentId").asText();
    log.note(
        "agent %s (%s) asks for steps; at once: %d; tools: %s"
            .formatted(
                agentId,
                agent.path("name").asText(),
                settings.concurrency(),
                toolbox.tools().keySet()));
    runUntilStopped(new Worker(api, agentId, toolbox, settings, log));
    return ExitCode.OK;
  }

  /** A worker may be started before its server is. */
  private static ApiClient patient(ApiClient api, WorkerLog log) {
    AtomicBoolean told = new AtomicBoolean();
    return api.untilAnswered(
        ANSWER_WITHIN,
        () -> {
          if (!told.getAndSet(true)) {
            log.note(
                "no server answers at %s; trying again until one does".formatted(api.server()));
          }
        });
  }

  private void checkRanges() {
    if (leaseSeconds < 1 || stepLimitSeconds < 1 || outputBytesMax < 1) {
      throw wrong("--lease, --step-limit and --output-limit must be at least 1");
    }
    if (pollSeconds < 0 || graceSeconds < 0) {
      throw wrong("--poll and --grace must not be negative");
    }
    if (concurrency != null && (concurrency < 1 || concurrency > 1_000)) {
      throw wrong("--concurrency must be 1 to 1000");
    }
    if (who.agentId != null && !capabilities.isEmpty()) {
      throw wrong("--capability goes with --name; see af agents capabilities");
    }
  }

  private Toolbox toolbox() throws IOException {
    Map<String, StepTool> tools = new HashMap<>();
    tools.put("echo", new EchoTool());
    try {
      if (!hosts.isEmpty()) {
        tools.put("http", new HttpTool(hosts, outputBytesMax));
      }
      if (!executables.isEmpty()) {
        tools.put(
            "command",
            new CommandTool(
                executables,
                workDir,
                outputBytesMax,
                System.getenv().getOrDefault("PATH", "/usr/bin:/bin")));
      }
      return new Toolbox(
          tools, answers == null ? RecordedAnswers.none() : RecordedAnswers.read(answers));
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private JsonNode agent(ApiClient api, Toolbox toolbox) {
    return who.agentId != null
        ? api.get("/v1/agents/" + who.agentId)
        : registered(api, String.valueOf(who.name), toolbox);
  }

  /** The same name gives the same agent (UUIDv5), so that a worker that starts again is known. */
  private JsonNode registered(ApiClient api, String name, Toolbox toolbox) {
    String agentId =
        UuidCreator.getNameBasedSha1(
                UuidCreator.getNameBasedSha1("agentflow:workers"), tenant.name() + "/" + name)
            .toString();
    api.post(
        "/v1/agents",
        JSON.objectNode().put("agentId", agentId).put("name", name).put("role", ROLE));
    ObjectNode abilities = JSON.objectNode();
    addNames(abilities, "capabilities", capabilities);
    addNames(abilities, "tools", List.copyOf(toolbox.tools().keySet()));
    if (concurrency != null) {
      abilities.put("concurrency", concurrency);
    }
    api.post("/v1/agents/" + agentId + "/capabilities", abilities);
    return api.get("/v1/agents/" + agentId);
  }

  private static void addNames(ObjectNode body, String field, List<String> names) {
    ArrayNode list = body.putArray(field);
    names.forEach(list::add);
  }

  private void runUntilStopped(Worker worker) throws InterruptedException {
    Thread onSignal = new Thread(() -> stop(worker), "worker-stop");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      worker.run();
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(onSignal);
      } catch (IllegalStateException e) {
        // The process is ending: the hook runs, and it is why the worker has returned.
      }
    }
  }

  private void stop(Worker worker) {
    try {
      worker.stop(Duration.ofSeconds(graceSeconds));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

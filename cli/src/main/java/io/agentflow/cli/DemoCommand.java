package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.cli.runs.ImportReport;
import io.agentflow.cli.runs.RunImporter;
import io.agentflow.cli.runs.TokenPrices;
import io.agentflow.client.ServerUnreachable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code af demo}: the main job from end to end, on recorded runs that the project ships. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "See the main job at work: a server is started, recorded agent runs are recorded",
      "through the command API, published to NATS, and the chain is verified.",
      "Run it again: nothing is recorded twice."
    })
public final class DemoCommand implements Callable<Integer> {

  private static final String TENANT = "demo";
  private static final String SAMPLE = "support-runs.jsonl";
  private static final TokenPrices PRICES = new TokenPrices(2.50, 10.00);
  private static final int ATTEMPTS = 8;
  private static final int CONCURRENCY = 4;
  private static final Duration PUBLISHED_WITHIN = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN_AFTER = Duration.ofMillis(100);

  private final ServerLauncher launcher;

  @Spec private CommandSpec spec;

  public DemoCommand(ServerLauncher launcher) {
    this.launcher = launcher;
  }

  @Override
  public Integer call() throws IOException {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    ServerAddress address = new ServerAddress(System.getenv());
    ApiClient api = new ApiClient(server(console, address), TENANT, ATTEMPTS);
    ImportReport report = importSample(console, api);
    JsonNode status = awaitPublished(console, api, report.lastPosition());
    JsonNode verification = api.get("/v1/audit/verification?tenant=" + TENANT);
    JsonNode workflows = api.get("/v1/workflows?limit=500").path("items");
    print(console, report, status, verification, workflows);
    next(console, api.server(), address, workflows);
    return verification.path("valid").asBoolean() ? ExitCode.OK : ExitCode.FINDING;
  }

  private URI server(Console console, ServerAddress address) {
    Optional<ServerAddress.Local> running = address.local();
    if (running.isPresent()) {
      return running.get().url();
    }
    Path log = address.home().resolve("server.log");
    console.line("starting a server (its output goes to " + log + ")");
    return launcher.launchDetached(log);
  }

  private static ImportReport importSample(Console console, ApiClient api) throws IOException {
    Path file = Files.createTempFile("agentflow-demo", ".jsonl");
    try (InputStream sample =
        Objects.requireNonNull(DemoCommand.class.getResourceAsStream("/samples/" + SAMPLE))) {
      Files.copy(sample, file, StandardCopyOption.REPLACE_EXISTING);
      return RunsCommand.importWithProgress(
          console, new RunImporter(api, TENANT, "support-bot", PRICES, CONCURRENCY), file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Waits until the bus has acknowledged the position; not for a bus that is not there. */
  private static JsonNode awaitPublished(Console console, ApiClient api, long position) {
    long deadlineNanos = System.nanoTime() + PUBLISHED_WITHIN.toNanos();
    try (ProgressBar progress = console.progress("publishing", position)) {
      while (true) {
        JsonNode status = api.get("/v1/status");
        JsonNode bridge = status.path("bridge");
        progress.stepTo(bridge.path("position").asLong());
        if (bridge.path("position").asLong() >= position
            || !bridge.path("state").asText().equals("PUBLISHING")
            || System.nanoTime() > deadlineNanos) {
          return status;
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_AFTER.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerUnreachable(api.server(), e);
    }
  }

  private static void print(
      Console console,
      ImportReport report,
      JsonNode status,
      JsonNode verification,
      JsonNode workflows) {
    long microDollars = 0;
    long tokens = 0;
    for (JsonNode workflow : workflows) {
      microDollars += workflow.path("totalMicroDollars").asLong();
      tokens += workflow.path("totalTokens").asLong();
    }
    long published = 0;
    for (JsonNode stream : status.path("bridge").path("streams")) {
      // Public events tell again what is in the mirror.
      published +=
          stream.path("name").asText().equals("AF_EVENTS") ? 0 : stream.path("messages").asLong();
    }
    JsonNode bridge = status.path("bridge");
    boolean publishing = bridge.path("state").asText().equals("PUBLISHING");
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "workflows",
            "%s (%s recorded now)"
                .formatted(Console.count(workflows.size()), Console.count(report.imported()))));
    rows.add(List.of("events", Console.count(verification.path("entries").asLong())));
    rows.add(List.of("tokens", Console.count(tokens) + " (estimated: characters / 4)"));
    rows.add(List.of("cost", Console.dollars(microDollars)));
    rows.add(
        List.of("chain verified", verification.path("valid").asBoolean() ? "whole" : "BROKEN"));
    rows.add(
        List.of(
            "published to NATS",
            publishing
                ? "%s of %s events of all tenants"
                    .formatted(
                        Console.count(published),
                        Console.count(status.path("log").path("position").asLong()))
                : "waits: " + bridge.path("detail").asText()));
    console.line("");
    console.table(List.of("WHAT", "HOW MUCH"), rows);
  }

  private static void next(Console console, URI server, ServerAddress address, JsonNode workflows) {
    String workflowId = workflows.path(0).path("workflowId").asText("WORKFLOW_ID");
    console.line("");
    console.styled(
        "@|bold The server runs at %s|@ (process %s); stop it with: ./af down"
            .formatted(
                server,
                address.local().map(local -> Long.toString(local.pid())).orElse("elsewhere")));
    console.line("Go on with:");
    console.line("  ./af workflows history " + workflowId + " --tenant " + TENANT);
    console.line("  ./af workflows state " + workflowId + " --tenant " + TENANT);
    console.line("  ./af audit verify");
  }
}

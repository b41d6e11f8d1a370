package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Ran;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Workflows of ten steps, four workers, and every few seconds the server, a worker or nats-server
 * is killed. {@code ./dev endure} runs it with a thousand workflows.
 *
 * <p>A seed draws who is killed and after which pause; the operating system's scheduling it does
 * not.
 */
class EnduranceIT {

  private static final long DRAWN_SEED_MAX = 1_000_000_000L;
  private static final int WORKFLOWS_MIN = Integer.getInteger("endurance.workflows", 40);
  private static final int OPEN_MAX = Math.min(100, WORKFLOWS_MIN / 3 + 1);
  private static final int KILLS_OF_EACH_KIND_MIN = Integer.getInteger("endurance.kills", 2);
  private static final int WORKERS = 4;
  private static final String STEP_COMPLETED = "workflow.step-completed";
  private static final Path FOLDER = Path.of("target", "endurance").toAbsolutePath();
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(15);
  private static final Duration NOTHING_HAPPENS_MAX = Duration.ofMinutes(2);

  private final long seed =
      Long.getLong("endurance.seed", ThreadLocalRandom.current().nextLong(DRAWN_SEED_MAX));
  private final long startNanos = System.nanoTime();

  @Test
  void every_workflow_ends_and_each_step_counts_once_though_server_workers_and_bus_are_killed()
      throws Exception {
    System.out.println("enduring; again with ./dev endure " + seed);
    Path folder = Files.createDirectories(FOLDER.resolve(seed + "-" + System.currentTimeMillis()));
    int port = ServerProcess.freePort();
    try (Outside outside = new Outside();
        EmbeddedPostgres postgres = postgres(folder);
        NatsServerProcess nats = NatsServerProcess.start();
        ServerProcess server =
            ServerProcess.start(
                Files.createDirectories(folder.resolve("home")),
                Map.of(
                    "AF_DATABASE_URL",
                    "postgresql://postgres:postgres@localhost:%d/postgres"
                        .formatted(postgres.getPort()),
                    "AF_BUS_URL",
                    nats.url(),
                    "AF_BUS_DUPLICATE_WINDOW_SECONDS",
                    "1"),
                port);
        KilledProcesses processes =
            new KilledProcesses(
                server,
                nats,
                workers(folder, port, outside),
                new SplittableRandom(seed),
                () -> new EnduranceLog(postgres.getPostgresDatabase()).count(STEP_COMPLETED));
        EnduranceClients clients = new EnduranceClients(server, outside, seed, OPEN_MAX)) {
      EnduranceLog log = new EnduranceLog(postgres.getPostgresDatabase());
      awaitWorkers(server);
      processes.begin();
      clients.begin(
          () ->
              clients.begun() < WORKFLOWS_MIN
                  || processes.serverKills() < KILLS_OF_EACH_KIND_MIN
                  || processes.busKills() < KILLS_OF_EACH_KIND_MIN
                  || processes.workerKills() < KILLS_OF_EACH_KIND_MIN);
      awaitEnd(clients, processes, outside, log);
      processes.stop();

      int workflows = clients.begun();
      int steps = workflows * EnduranceClients.STEPS;
      log.everyWorkflowIsComplete(workflows);
      log.everyStepIsCompletedOnce(steps);
      log.everyAttemptIsGivenToOneAndEndsOnce();
      log.everyReservationIsSettledOrReleasedOnce();
      assertThat(outside.effects()).isEqualTo(steps - workflows);
      Ran verified = server.run("audit", "verify");
      assertThat(verified.exitCode()).as(verified.output()).isZero();
      awaitTables(server);
      assertTablesAreWhatTheLogSays(server);
      log.theTableOfWorkflowsAgrees(
          workflows, EnduranceClients.STEPS, EnduranceClients.TOKENS_A_WORKFLOW);
      log.theTableOfStepsAgrees(steps);
      log.theTableOfBudgetsAgrees(EnduranceClients.tokensOnBudgets(workflows));
      assertThat(server.awaitPublished()).isEqualTo(log.position());
      Ran mirrored = server.run("bridge", "verify");
      assertThat(mirrored.exitCode()).as(mirrored.output()).isZero();
      System.out.println(line("endured", clients, processes, outside, log));
    }
  }

  private static EmbeddedPostgres postgres(Path folder) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(folder.resolve("postgres"))
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .start();
  }

  private static List<String[]> workers(Path folder, int port, Outside outside) throws IOException {
    Path answers = Files.writeString(folder.resolve("answers.jsonl"), EnduranceClients.ANSWERS);
    return IntStream.range(0, WORKERS)
        .mapToObj(
            number ->
                new String[] {
                  "worker",
                  "--server",
                  "http://127.0.0.1:" + port,
                  "--name",
                  "worker-" + number,
                  "--concurrency",
                  "4",
                  "--capability",
                  EnduranceClients.CAPABILITY,
                  "--answers",
                  answers.toString(),
                  "--allow-host",
                  outside.address(),
                  "--lease",
                  "3",
                  "--poll",
                  "5"
                })
        .toList();
  }

  /** A plan is refused that nobody can carry out. */
  private static void awaitWorkers(ServerProcess server) throws InterruptedException {
    while (CanonicalJson.parse(server.get("/v1/agents").body()).path("items").size() < WORKERS) {
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  private void awaitEnd(
      EnduranceClients clients, KilledProcesses processes, Outside outside, EnduranceLog log)
      throws Exception {
    int completed = 0;
    long position = 0;
    long movedNanos = System.nanoTime();
    long toldNanos = System.nanoTime();
    while (!clients.areDone() || completed < clients.begun() || log.openReservations() > 0) {
      Thread.sleep(BETWEEN_LOOKS);
      processes.check();
      completed = log.count("workflow.completed");
      clients.completed(completed);
      long now = System.nanoTime();
      if (log.position() > position) {
        position = log.position();
        movedNanos = now;
      }
      if (now - movedNanos > NOTHING_HAPPENS_MAX.toNanos()) {
        throw new AssertionError("nothing happens any more: " + log.unfinished());
      }
      if (now - toldNanos > BETWEEN_LINES.toNanos()) {
        toldNanos = now;
        System.out.println(line("enduring", clients, processes, outside, log));
      }
    }
  }

  private String line(
      String word,
      EnduranceClients clients,
      KilledProcesses processes,
      Outside outside,
      EnduranceLog log) {
    return ("%s: %d s, %d of %d workflows, %d steps, %d events; killed: server %d, nats-server %d, workers %d;"
            + " leases lost %d, effects asked for more than once %d, calls repeated %d")
        .formatted(
            word,
            Duration.ofNanos(System.nanoTime() - startNanos).toSeconds(),
            log.count("workflow.completed"),
            clients.begun(),
            log.count(STEP_COMPLETED),
            log.position(),
            processes.serverKills(),
            processes.busKills(),
            processes.workerKills(),
            log.leasesLost(),
            outside.repeated(),
            clients.repeated());
  }

  /** Each table has passed what the log's end is now. */
  private static void awaitTables(ServerProcess server) {
    String position = Long.toString(server.position());
    JsonNode workflow =
        CanonicalJson.parse(
                ok(server.get("/v1/workflows?limit=1", "AF-Consistent-With", position)).body())
            .path("items")
            .path(0);
    ok(
        server.get(
            "/v1/workflows/" + workflow.path("workflowId").asText() + "/steps",
            "AF-Consistent-With",
            position));
    ok(server.get("/v1/budgets", "AF-Consistent-With", position));
  }

  /** Whatever was killed meanwhile: built again from the log, each row is the same. */
  private static void assertTablesAreWhatTheLogSays(ServerProcess server)
      throws InterruptedException {
    List<String> paths = new ArrayList<>();
    for (JsonNode projection :
        CanonicalJson.parse(ok(server.get("/v1/projections")).body()).path("items")) {
      String path = "/v1/projections/" + projection.path("name").asText();
      assertThat(projection.path("deadLetters").asLong()).isZero();
      assertThat(server.post(path + "/rebuild", "{}").statusCode()).isEqualTo(202);
      paths.add(path);
    }
    for (String path : paths) {
      while (CanonicalJson.parse(ok(server.get(path)).body())
              .path("copy")
              .path("lagEvents")
              .asLong()
          > 0) {
        Thread.sleep(50);
      }
      JsonNode diff = CanonicalJson.parse(ok(server.get(path + "/diff")).body());
      assertThat(diff.path("different").asLong()).as(diff.toPrettyString()).isZero();
    }
  }

  private static HttpResponse<String> ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response;
  }
}

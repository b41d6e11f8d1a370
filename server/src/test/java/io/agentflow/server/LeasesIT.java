package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Begun;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of leases when workers stop and the server dies, with processes of their own. */
@Timeout(180)
class LeasesIT {

  private static ServerProcess server;
  private static String url;
  private final List<Begun> workers = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    int port = ServerProcess.freePort();
    url = "http://127.0.0.1:" + port;
    server =
        ServerProcess.start(
            Files.createTempDirectory("agentflow"),
            Map.of(
                "PATH",
                NatsServerProcess.program().resolveSibling("") + ":" + System.getenv("PATH")),
            port);
  }

  @AfterEach
  void endWorkers() {
    workers.forEach(worker -> worker.process().destroyForcibly());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private Begun worker(String name, String... options) throws InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of("worker", "--server", url, "--name", name, "--allow-command", "sleep"));
    arguments.addAll(List.of(options));
    Begun worker = server.begin(arguments.toArray(String[]::new));
    workers.add(worker);
    await(() -> Files.readString(worker.output()).contains("asks for steps"));
    return worker;
  }

  /** The worker says who it is before it asks for anything. */
  private static String agentOf(Begun worker) throws IOException {
    String said = Files.readString(worker.output());
    return said.substring("agent ".length(), said.indexOf(" ("));
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws InterruptedException {
    while (true) {
      try {
        if (condition.holds()) {
          return;
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      Thread.sleep(50);
    }
  }

  private static JsonNode json(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    return CanonicalJson.parse(response.body());
  }

  /** Started with one step, for one agent, that takes so long; a failure of it is final. */
  private static String workflow(String agentId, int seconds) {
    String id =
        json(server.post("/v1/workflows", "{\"name\":\"nap\",\"intent\":\"to rest\"}"))
            .path("id")
            .asText();
    json(
        server.post(
            "/v1/workflows/" + id + "/plan",
            """
            {"autonomy":"full_auto","steps":[{"id":"nap","kind":"tool","tool":"command",
              "agentId":"%s","input":{"run":["sleep","%d"]}}]}
            """
                .formatted(agentId, seconds)));
    json(server.post("/v1/workflows/" + id + "/start", ""));
    return id;
  }

  /** Types and attempts of what happened to its step. */
  private static List<String> history(String workflowId) {
    List<String> events = new ArrayList<>();
    for (JsonNode item :
        json(server.get("/v1/workflows/" + workflowId + "/history")).path("items")) {
      String type = item.path("type").asText();
      if (type.startsWith("workflow.step-")) {
        events.add(
            type.substring("workflow.step-".length())
                + " "
                + item.path("payload").path("attempt").asInt());
      }
    }
    return events;
  }

  @Test
  void a_lease_that_ran_out_while_the_server_was_dead_is_still_its_workers() throws Exception {
    String agentId = agentOf(worker("patient", "--lease", "3"));
    String id = workflow(agentId, 12);
    await(() -> history(id).contains("assigned 1"));

    server.kill();
    TimeUnit.SECONDS.sleep(4); // longer than the lease
    server.startAgain();

    await(() -> history(id).stream().anyMatch(event -> event.startsWith("completed")));
    assertThat(history(id)).containsExactly("ready 1", "assigned 1", "completed 1");
  }

  @Test
  void a_worker_that_is_stopped_gives_its_step_back_and_no_retry_is_used_up() throws Exception {
    Begun worker = worker("hasty", "--grace", "0");
    String id = workflow(agentOf(worker), 600);
    await(() -> history(id).contains("assigned 1"));

    worker.process().destroy();
    assertThat(worker.process().waitFor(30, TimeUnit.SECONDS)).isTrue();

    assertThat(history(id)).containsExactly("ready 1", "assigned 1", "failed 1", "ready 2");
  }

  @Test
  void a_worker_that_is_stopped_while_it_asks_is_given_nothing_any_more() throws Exception {
    Begun worker = worker("idle", "--poll", "60");
    String agentId = agentOf(worker);

    worker.process().destroy();
    assertThat(worker.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
    String id = workflow(agentId, 1);

    assertThat(history(id)).containsExactly("ready 1");
    worker("idle");
    await(() -> history(id).contains("completed 1"));
  }

  @Test
  void a_server_stops_at_once_though_workers_wait_for_steps_and_they_find_the_next()
      throws Exception {
    Begun worker = worker("waiting", "--poll", "60");
    String agentId = agentOf(worker);
    await(() -> isOnline(agentId));

    long startNanos = System.nanoTime();
    server.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
        .as("not as long as the poll, nor as long as requests under way may take")
        .isLessThan(Duration.ofSeconds(15));
    server.startAgain();

    String id = workflow(agentId, 1);
    await(() -> history(id).contains("completed 1"));
    assertThat(worker.process().isAlive()).isTrue();
  }

  private static boolean isOnline(String agentId) {
    return json(server.get("/v1/agents/" + agentId)).path("online").asBoolean();
  }

  @Test
  void requests_of_a_worker_that_is_gone_are_ended_by_the_one_after_it() throws Exception {
    String agentId = agentOf(worker("first"));
    workers.getLast().process().destroyForcibly().waitFor();
    FutureTask<JsonNode> left = new FutureTask<>(() -> take(agentId));
    Thread.startVirtualThread(left);

    await(
        () -> {
          endWaits(agentId);
          return left.isDone();
        });

    assertThat(left.get().path("leases")).isEmpty();
    assertThat(server.post("/v1/agents/" + agentId + "x/leases/end-waits", "").statusCode())
        .isEqualTo(422);
  }

  private static void endWaits(String agentId) {
    assertThat(server.post("/v1/agents/" + agentId + "/leases/end-waits", "").statusCode())
        .isEqualTo(204);
  }

  private static JsonNode take(String agentId) {
    return json(
        server.post("/v1/agents/" + agentId + "/leases", "{\"max\":1,\"waitMillis\":60000}"));
  }
}

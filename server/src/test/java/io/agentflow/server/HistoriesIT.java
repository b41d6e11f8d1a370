package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.cli.ExitCode;
import io.agentflow.cli.HistoryFile;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Begun;
import io.agentflow.server.ServerProcess.Ran;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histories of the samples' workflows and of recorded runs: read, compared, taken away. */
class HistoriesIT {

  private static final Path SAMPLES = Path.of("..", "samples").toAbsolutePath().normalize();
  private static final int RUNS_COMPARED = 4;

  private static ServerProcess server;
  private static Begun worker;

  /** Workflows that were carried out by a plan, and some that were recorded. */
  private static final List<String> workflows = new ArrayList<>();

  @TempDir Path folder;

  @BeforeAll
  static void runWorkflows() {
    server = ServerProcess.start();
    worker =
        server.begin(
            "worker", "--name", "box", "--allow-command", "uname", "--allow-command", "false");
    Ran imported =
        server.run(
            "runs",
            "import",
            SAMPLES.resolve("support-runs.jsonl").toString(),
            "--agent-name",
            "bot");
    assertThat(imported.exitCode()).as(imported.output()).isZero();
    get("/v1/workflows?limit=" + RUNS_COMPARED)
        .path("items")
        .forEach(row -> workflows.add(row.path("workflowId").asText()));
    await("/v1/agents", agents -> agents.toString().contains("\"box\""));
    for (String sample : List.of("linear.yaml", "fan-out.yaml")) {
      Ran submitted =
          server.run("workflows", "submit", SAMPLES.resolve(sample).toString(), "--json");
      assertThat(submitted.exitCode()).as(submitted.output()).isZero();
      workflows.addFirst(submitted.json().path("workflowId").asText());
    }
    for (String workflowId : workflows) {
      await(
          "/v1/workflows/" + workflowId,
          row -> row.path("status").asText().matches("completed|failed"));
    }
  }

  @AfterAll
  static void stop() throws InterruptedException {
    worker.process().destroyForcibly().waitFor();
    server.close();
  }

  private static JsonNode get(String path) {
    HttpResponse<String> answer = server.get(path);
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
    return CanonicalJson.parse(answer.body());
  }

  private static void await(String path, Predicate<JsonNode> wanted) {
    for (int i = 0; i < 600; i++) {
      if (wanted.test(get(path))) {
        return;
      }
      LockSupport.parkNanos(100_000_000);
    }
    throw new AssertionError("in vain: " + path + ": " + get(path));
  }

  private static String of(String workflowId, String what) {
    return "/v1/workflows/%s/%s".formatted(workflowId, what);
  }

  private static List<JsonNode> items(String workflowId, String query) {
    List<JsonNode> items = new ArrayList<>();
    get(of(workflowId, "history") + query).path("items").forEach(items::add);
    return items;
  }

  private Path exported(String workflowId) throws IOException {
    return Files.writeString(
        folder.resolve(workflowId + ".ndjson"), server.get(of(workflowId, "export")).body());
  }

  @Test
  void a_history_that_was_taken_away_leads_to_the_servers_states_at_each_entry()
      throws IOException {
    Set<String> types = new HashSet<>();
    for (String workflowId : workflows) {
      HistoryFile file = new OfflineHistories().read(exported(workflowId));
      JsonNode history = get(of(workflowId, "history?limit=1000"));
      assertThat(file.history(null)).isEqualTo(history);
      assertThat(file.state(null)).isEqualTo(get(of(workflowId, "state")));
      for (JsonNode item : history.path("items")) {
        String position = item.path("position").asText();
        JsonNode state = get(of(workflowId, "state?at=" + position));
        assertThat(file.state(position)).isEqualTo(state);
        assertThat(state.path("hash")).isEqualTo(item.path("hash"));
        assertThat(state.path("state").path("status")).isEqualTo(item.path("ledTo").path("status"));
        assertThat(state.path("state").path("totalMicroDollars"))
            .isEqualTo(item.path("ledTo").path("totalMicroDollars"));
        types.add(item.path("type").asText());
      }
    }
    assertThat(types)
        .contains(
            "workflow.message-recorded",
            "workflow.tool-returned",
            "workflow.step-skipped",
            "workflow.step-completed");
  }

  @Test
  void af_exports_a_history_and_folds_it_without_a_server_and_refuses_an_altered_one()
      throws IOException {
    String workflowId = workflows.getFirst();
    Path file = folder.resolve("run.ndjson");
    Ran written = server.run("workflows", "export", workflowId, "--out", file.toString());
    assertThat(written.exitCode()).as(written.output()).isZero();
    assertThat(file).hasContent(server.get(of(workflowId, "export")).body().strip());

    Ran json = server.run("workflows", "replay-file", file.toString(), "--json");
    assertThat(json.json().path("state")).isEqualTo(get(of(workflowId, "state")));

    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.set(2, lines.get(2).replaceFirst("\"actor\":\"", "\"actor\":\"x"));
    Files.write(file, lines);
    Ran refused = server.run("workflows", "replay-file", file.toString());
    assertThat(refused.exitCode()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(refused.output()).contains("line 3 is altered: expected the hash", "found");
  }

  @Test
  void pages_and_filters_show_what_the_whole_history_has_with_what_it_led_to() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (String workflowId : workflows) {
      List<JsonNode> whole = items(workflowId, "?limit=1000");
      for (int i = 0; i < 10; i++) {
        JsonNode first = whole.get(random.nextInt(whole.size()));
        JsonNode last = whole.get(random.nextInt(whole.size()));
        boolean steps = random.nextBoolean();
        String query =
            "?limit=%d&from=%s&to=%s%s"
                .formatted(
                    1 + random.nextInt(5),
                    first.path("position").asText(),
                    last.path("position").asText(),
                    steps ? "&types=workflow.step-*,workflow.m*" : "");
        List<JsonNode> expected =
            whole.stream()
                .filter(item -> item.path("sequence").asLong() >= first.path("sequence").asLong())
                .filter(item -> item.path("sequence").asLong() <= last.path("sequence").asLong())
                .filter(
                    item -> !steps || item.path("type").asText().matches("workflow\\.(step-|m).*"))
                .toList();
        assertThat(paged(workflowId, query)).as("seed %d: %s", seed, query).isEqualTo(expected);
      }
      String began = whole.getFirst().path("occurredAt").asText();
      String ended = whole.getLast().path("occurredAt").asText();
      assertThat(items(workflowId, "?limit=1000&from=%s&to=%s".formatted(began, ended)))
          .isEqualTo(whole);
      assertThat(items(workflowId, "?to=2020-01-01T00:00:00Z")).isEmpty();
      assertThat(items(workflowId, "?from=2120-01-01T00:00:00Z")).isEmpty();
      assertThat(get(of(workflowId, "state?at=" + ended))).isEqualTo(get(of(workflowId, "state")));
    }
  }

  private static List<JsonNode> paged(String workflowId, String query) {
    List<JsonNode> items = new ArrayList<>();
    String cursor = "";
    while (true) {
      JsonNode page = get(of(workflowId, "history") + query + cursor);
      page.path("items").forEach(items::add);
      if (page.path("nextCursor").isNull()) {
        return items;
      }
      cursor = "&cursor=" + page.path("nextCursor").asText();
    }
  }

  @Test
  void two_states_are_compared_at_any_two_points_of_one_or_of_two_workflows() {
    String linear = workflows.get(1);
    List<JsonNode> history = items(linear, "");
    JsonNode begun = history.getFirst();

    JsonNode all = get(of(linear, "diff"));
    assertThat(all.path("before").path("hash")).isEqualTo(begun.path("hash"));
    assertThat(all.path("after").path("hash")).isEqualTo(history.getLast().path("hash"));
    assertThat(difference(all, "/status").path("before").asText()).isEqualTo("created");
    assertThat(difference(all, "/status").path("after").asText()).isEqualTo("completed");
    assertThat(difference(all, "/plan/steps/letter/status").path("after").asText())
        .isEqualTo("completed");

    String back =
        "diff?from=%s&to=%s"
            .formatted(history.getLast().path("position"), begun.path("occurredAt").asText());
    assertThat(difference(get(of(linear, back)), "/status").path("after").asText())
        .isEqualTo("created");
    assertThat(get(of(linear, "diff?with=" + linear)).path("differences")).isEmpty();
    JsonNode other = get(of(linear, "diff?with=" + workflows.getFirst()));
    assertThat(other.path("after").path("workflowId").asText()).isEqualTo(workflows.getFirst());
    assertThat(difference(other, "/name").path("before").asText())
        .isNotEqualTo(difference(other, "/name").path("after").asText());
  }

  private static JsonNode difference(JsonNode diff, String path) {
    for (JsonNode difference : diff.path("differences")) {
      if (difference.path("path").asText().equals(path)) {
        return difference;
      }
    }
    throw new AssertionError("no difference at " + path + ": " + diff);
  }

  @Test
  void what_is_malformed_or_not_there_is_refused() {
    String id = workflows.getFirst();
    for (String malformed :
        List.of(
            "history?from=soon",
            "history?to=-1",
            "history?types=workflow.nothing",
            "history?types=",
            "state?at=1.5",
            "state?at=%2B999999999-12-31T23:59:59Z",
            "diff?from=x",
            "diff?to=9999999999999999999")) {
      HttpResponse<String> answer = server.get(of(id, malformed));
      assertThat(answer.statusCode()).as(malformed).isEqualTo(422);
      assertThat(answer.body()).contains("/problems/invalid-field");
    }
    String nobodys = "018f4e6a-0000-7000-8000-00000000dead";
    for (String missing :
        List.of(
            of(id, "state?at=0"),
            of(id, "diff?from=0"),
            of(id, "diff?with=" + nobodys),
            of(nobodys, "diff"),
            of(nobodys, "export"),
            of(nobodys, "history?types=workflow.*"))) {
      assertThat(server.get(missing).statusCode()).as(missing).isEqualTo(404);
    }
    for (String foreign : List.of("history", "state", "diff", "export", "diff?with=" + nobodys)) {
      assertThat(server.get(of(id, foreign), server.in("other")).statusCode())
          .as(foreign)
          .isEqualTo(404);
    }
  }
}

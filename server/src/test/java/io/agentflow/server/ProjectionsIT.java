package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tables are built again beside those that are asked, and what breaks one event breaks no other.
 */
class ProjectionsIT {

  private static final Path RECORDED = Path.of("../../shared/data/agent-runs/airline-gpt-4o.jsonl");
  private static final int READERS = 2;
  private static final Duration WITHIN = Duration.ofSeconds(60);

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return CanonicalJson.parse(answer.body());
  }

  private static JsonNode standing(String projection) {
    return json(server.get("/v1/projections/" + projection));
  }

  private static JsonNode post(String projection, String verb) {
    HttpResponse<String> answer =
        server.post("/v1/projections/%s/%s".formatted(projection, verb), "{}");
    assertThat(answer.statusCode()).as(answer.body()).isIn(200, 202);
    return json(answer);
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + WITHIN.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for " + what).isLessThan(deadlineNanos);
      Thread.sleep(50);
    }
  }

  private static boolean isCaughtUp(JsonNode standing) {
    return standing.path("lagEvents").asLong() == 0
        && standing.path("copy").path("position").asLong() > 0
        && standing.path("copy").path("lagEvents").asLong() == 0;
  }

  private static String create(String name) {
    String id = UUID.randomUUID().toString();
    HttpResponse<String> created =
        server.post(
            "/v1/workflows",
            "{\"workflowId\":\"%s\",\"name\":\"%s\",\"intent\":\"do it\"}".formatted(id, name));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    return id;
  }

  /** Reads and commands, one after the other, until it is told to stop; every failure is kept. */
  private static Future<List<String>> load(
      ExecutorService threads, AtomicBoolean going, AtomicLong requests) {
    return threads.submit(
        () -> {
          List<String> failures = new ArrayList<>();
          while (going.get()) {
            String id = UUID.randomUUID().toString();
            HttpResponse<String> created =
                server.post(
                    "/v1/workflows",
                    "{\"workflowId\":\"%s\",\"name\":\"load\",\"intent\":\"i\"}".formatted(id));
            String position = created.headers().firstValue("AF-Position").orElse("none");
            HttpResponse<String> own =
                server.get("/v1/workflows/" + id, "AF-Consistent-With", position);
            HttpResponse<String> list = server.get("/v1/workflows?limit=5");
            if (created.statusCode() != 201) {
              failures.add(created.body());
            }
            if (own.statusCode() != 200) {
              failures.add(own.body());
            }
            if (list.statusCode() != 200 || json(list).path("items").isEmpty()) {
              failures.add(list.body());
            }
            requests.addAndGet(3);
          }
          return failures;
        });
  }

  @Test
  void rebuilt_tables_equal_those_that_are_asked_and_take_their_place_under_load()
      throws Exception {
    ServerProcess.Ran imported = server.run("runs", "import", RECORDED.toString());
    assertThat(imported.exitCode()).as(imported.output()).isZero();
    List<String> names =
        List.of(
            "workflows",
            "steps",
            "approvals",
            "agents",
            "budgets",
            "schedules",
            "messages",
            "tools");
    AtomicBoolean going = new AtomicBoolean(true);
    AtomicLong requests = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(READERS);
    try {
      List<Future<List<String>>> loads =
          Stream.generate(() -> load(threads, going, requests)).limit(READERS).toList();
      for (String name : names) {
        assertThat(post(name, "rebuild").path("copy").path("copy").asText()).isEqualTo("next");
      }
      for (String name : names) {
        await(
            name + " to be built", () -> standing(name).path("copy").path("percent").asInt() > 90);
        JsonNode diff = json(server.get("/v1/projections/%s/diff".formatted(name)));
        assertThat(diff.path("different").asLong()).as(diff.toPrettyString()).isZero();
        JsonNode switched = post(name, "switch");
        assertThat(switched.path("projection").path("copy").path("copy").asText())
            .isEqualTo("previous");
      }
      for (String name : names) {
        post(name, "rollback");
      }
      going.set(false);
      for (Future<List<String>> load : loads) {
        assertThat(load.get()).isEmpty();
      }
      assertThat(requests.get()).isGreaterThan(100);
    } finally {
      going.set(false);
      threads.shutdownNow();
    }
    for (String name : names) {
      await(name + " to be as far as the log", () -> isCaughtUp(standing(name)));
      JsonNode diff = json(server.get("/v1/projections/%s/diff".formatted(name)));
      assertThat(diff.path("different").asLong()).as(diff.toPrettyString()).isZero();
    }
    assertThat(json(server.get("/v1/projections/workflows/diff")).path("rows").asLong())
        .isGreaterThan(50);
    for (String name : names) {
      assertThat(post(name, "discard").path("copy").isObject()).isFalse();
    }
  }

  @Test
  void a_table_that_was_altered_differs_from_its_copy_and_is_right_after_the_switch()
      throws Exception {
    String id = create("right");
    await("the row", () -> standing("workflows").path("lagEvents").asLong() == 0);
    server.asDatabaseOwner(
        "update views.workflows set name = 'wrong' where workflow_id = '%s'".formatted(id));
    post("workflows", "rebuild");
    await("the copy", () -> isCaughtUp(standing("workflows")));

    ServerProcess.Ran diff = server.run("projections", "diff", "workflows");
    assertThat(diff.exitCode()).isEqualTo(1);
    assertThat(diff.output()).contains("1 differ", id, "\"wrong\"", "\"right\"");
    assertThat(server.run("projections", "switch", "workflows").exitCode()).isZero();
    assertThat(json(server.get("/v1/workflows/" + id)).path("name").asText()).isEqualTo("right");
    assertThat(server.run("projections", "rollback", "workflows").exitCode()).isZero();
    assertThat(json(server.get("/v1/workflows/" + id)).path("name").asText()).isEqualTo("wrong");
    assertThat(server.run("projections", "switch", "workflows").exitCode()).isZero();
    assertThat(server.run("projections", "discard", "workflows").exitCode()).isZero();

    HttpResponse<String> none = server.post("/v1/projections/workflows/switch", "{}");
    assertThat(none.statusCode()).isEqualTo(409);
    assertThat(none.body()).contains("begin a rebuild");
    assertThat(server.get("/v1/projections/nothing").statusCode()).isEqualTo(404);
  }

  @Test
  void an_event_that_breaks_a_projection_is_set_aside_and_its_neighbours_go_on() throws Exception {
    server.asDatabaseOwner(
        "alter table views.agents add constraint poison check (name <> 'poison')");
    String poisoned = register("poison");
    String neighbour = register("neighbour");
    await("the neighbour", () -> server.get("/v1/agents/" + neighbour).statusCode() == 200);
    assertThat(server.get("/v1/agents/" + poisoned).statusCode()).isEqualTo(404);
    suspend(poisoned);
    suspend(neighbour);
    await(
        "the neighbour's next",
        () ->
            json(server.get("/v1/agents/" + neighbour))
                .path("status")
                .asText()
                .equals("suspended"));

    JsonNode letter = json(server.get("/v1/projections/agents/dead-letters")).path("items").path(0);
    assertThat(letter.path("aggregateId").asText()).isEqualTo(poisoned);
    assertThat(letter.path("eventType").asText()).isEqualTo("agent.registered");
    assertThat(letter.path("waiting").asLong()).isEqualTo(2);
    assertThat(letter.path("cause").asText()).contains("poison");
    assertThat(server.run("projections", "list").output()).contains("agents");

    assertThat(server.run("projections", "dead-letters", "retry", "agents", poisoned).exitCode())
        .isEqualTo(1);
    server.asDatabaseOwner("alter table views.agents drop constraint poison");
    assertThat(server.run("projections", "dead-letters", "retry", "agents", poisoned).exitCode())
        .isZero();
    assertThat(json(server.get("/v1/agents/" + poisoned)).path("status").asText())
        .isEqualTo("suspended");
    assertThat(standing("agents").path("deadLetters").asLong()).isZero();
    activate(poisoned);
    await(
        "what comes later",
        () -> json(server.get("/v1/agents/" + poisoned)).path("status").asText().equals("active"));
  }

  @Test
  void what_is_dropped_is_passed_over_and_what_waits_behind_it_is_in_the_tables() throws Exception {
    String id = register("droppable");
    await("the row", () -> server.get("/v1/agents/" + id).statusCode() == 200);
    server.asDatabaseOwner(
        "alter table views.agents add constraint poison check (status <> 'suspended')");
    suspend(id);
    await("the letter", () -> standing("agents").path("deadLetters").asLong() == 1);
    activate(id);
    assertThat(server.run("projections", "dead-letters", "drop", "agents", id).exitCode()).isZero();

    JsonNode row = json(server.get("/v1/agents/" + id));
    assertThat(row.path("status").asText()).isEqualTo("active");
    assertThat(row.path("version").asLong()).isEqualTo(2);
    server.asDatabaseOwner("alter table views.agents drop constraint poison");
  }

  private static String register(String name) {
    String id = UUID.randomUUID().toString();
    HttpResponse<String> registered =
        server.post(
            "/v1/agents",
            "{\"agentId\":\"%s\",\"name\":\"%s\",\"role\":\"tester\"}".formatted(id, name));
    assertThat(registered.statusCode()).as(registered.body()).isEqualTo(201);
    return id;
  }

  private static void suspend(String agentId) {
    assertThat(
            server
                .post("/v1/agents/" + agentId + "/suspend", "{\"reason\":\"lunch\"}")
                .statusCode())
        .isEqualTo(200);
  }

  private static void activate(String agentId) {
    assertThat(server.post("/v1/agents/" + agentId + "/activate", "{}").statusCode())
        .isEqualTo(200);
  }
}

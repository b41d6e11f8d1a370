package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.application.schedule.ScheduledIds;
import io.agentflow.domain.schedule.ScheduleId;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules over HTTP, on a clock that nobody turns, and a server that dies over a firing. */
class ScheduleIT {

  private static final int KILLS = 3;
  private static final int FIRINGS_BEFORE_EACH_KILL = 2;
  private static final String EACH_SECOND = "* * * * * *";
  private static final String SELDOM = "0 0 1 1 *";

  /** Ends by itself: no worker is needed. */
  private static final String SHORT =
      "{\"steps\":[{\"id\":\"rest\",\"kind\":\"wait\",\"waitMillis\":1}]}";

  /** Ends when it is told to. */
  private static final String UNTIL_TOLD =
      "{\"steps\":[{\"id\":\"rest\",\"kind\":\"wait\",\"signal\":\"done\"}]}";

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String body(String id, String cron, String more, String plan) {
    return """
        {"scheduleId":"%s","name":"nightly","cron":"%s",%s
         "workflow":{"name":"report","intent":"report what happened","plan":%s}}
        """
        .formatted(id, cron, more, plan);
  }

  private static String created(String cron, String more, String plan) {
    String id = UUID.randomUUID().toString();
    HttpResponse<String> response = server.post("/v1/schedules", body(id, cron, more, plan));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    return id;
  }

  private static JsonNode asked(String id, String verb, String body) {
    HttpResponse<String> response = server.post("/v1/schedules/" + id + "/" + verb, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response);
  }

  private static String triggered(String id, String triggerId) {
    return asked(id, "trigger", "{\"triggerId\":\"" + triggerId + "\"}")
        .path("workflowId")
        .asText();
  }

  private static JsonNode json(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body());
  }

  private static JsonNode row(String id) {
    return json(
        server.get("/v1/schedules/" + id, "AF-Consistent-With", Long.toString(server.position())));
  }

  private static JsonNode await(String path, Predicate<JsonNode> wanted) {
    for (int i = 0; i < 600; i++) {
      JsonNode answer = json(server.get(path));
      if (wanted.test(answer)) {
        return answer;
      }
      LockSupport.parkNanos(50_000_000);
    }
    throw new AssertionError("in vain: " + path + ": " + server.get(path).body());
  }

  private static void awaitStatus(String workflowId, String status) {
    await("/v1/workflows/" + workflowId, row -> row.path("status").asText().equals(status));
  }

  /** The payloads of an aggregate's events of a type, or of all aggregates', from the log. */
  private static List<JsonNode> events(String type, String idField, String id) throws SQLException {
    try (Connection connection = server.connectAsOwner(server.databasePassword());
        PreparedStatement query =
            connection.prepareStatement(
                """
                select payload from log.entries
                where event_type = ? and payload #>> cast(? as text[]) = ? order by position
                """)) {
      query.setString(1, type);
      query.setString(2, "{" + idField + "}");
      query.setString(3, id);
      List<JsonNode> payloads = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          payloads.add(CanonicalJson.parse(rows.getString(1)));
        }
      }
      return payloads;
    }
  }

  private static List<JsonNode> fired(String id) throws SQLException {
    return events("schedule.fired", "scheduleId", id);
  }

  /** Looks at the log itself, so that the server can be killed before it has gone on. */
  private static void awaitFirings(String id, int more) throws SQLException {
    int before = fired(id).size();
    for (int i = 0; fired(id).size() < before + more; i++) {
      assertThat(i).as("firings come").isLessThan(20_000);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void each_second_fires_once_and_starts_one_workflow_though_the_server_is_killed_over_it()
      throws Exception {
    String id = created(EACH_SECOND, "\"overlap\":\"allow\",", SHORT);
    for (int kill = 0; kill < KILLS; kill++) {
      awaitFirings(id, FIRINGS_BEFORE_EACH_KILL);
      server.kill();
      server.startAgain();
    }
    awaitFirings(id, FIRINGS_BEFORE_EACH_KILL);
    asked(id, "pause", "{\"reason\":\"enough\"}");
    await("/v1/schedules/" + id, row -> row.path("running").isEmpty());

    assertEachSecondFiredOrWasMissed(id);
    assertOneWorkflowForEachFiring(id);
    assertThat(server.run("audit", "verify").exitCode()).isZero();

    long position = server.position();
    server.asDatabaseOwner("drop schema views cascade");
    server.stop();
    server.startAgain();
    awaitReactions(position);
    assertThat(server.position())
        .as("all is heard again, nothing is done again")
        .isEqualTo(position);
  }

  private static void assertEachSecondFiredOrWasMissed(String id) throws SQLException {
    Set<String> covered = new HashSet<>();
    for (JsonNode event : fired(id)) {
      assertThat(covered.add(event.path("scheduledAt").asText())).as("once: %s", event).isTrue();
    }
    List<JsonNode> missed = events("schedule.skipped", "scheduleId", id);
    assertThat(missed).as("the server was away").hasSizeGreaterThanOrEqualTo(1);
    for (JsonNode skipped : missed) {
      assertThat(skipped.path("reason").asText()).isEqualTo("missed");
      Instant before = Instant.parse(skipped.path("beforeAt").asText());
      for (Instant second = Instant.parse(skipped.path("fromAt").asText());
          second.isBefore(before);
          second = second.plusSeconds(1)) {
        assertThat(covered.add(second.toString())).as("not fired as well: %s", second).isTrue();
      }
    }
    Instant first =
        Instant.parse(
            events("schedule.created", "scheduleId", id).getFirst().path("nextDueAt").asText());
    Set<String> all = new HashSet<>();
    for (int i = 0; i < covered.size(); i++) {
      all.add(first.plusSeconds(i).toString());
    }
    assertThat(covered).isEqualTo(all);
  }

  private static void assertOneWorkflowForEachFiring(String id) throws SQLException {
    Map<String, String> times = new HashMap<>();
    for (JsonNode created : events("workflow.created", "labels,schedule", id)) {
      String time = created.path("labels").path("scheduledAt").asText();
      assertThat(times.put(created.path("workflowId").asText(), time)).isNull();
    }
    Map<String, String> wanted = new HashMap<>();
    fired(id)
        .forEach(
            event ->
                wanted.put(event.path("workflowId").asText(), event.path("scheduledAt").asText()));
    assertThat(times).isEqualTo(wanted);
    for (String workflowId : wanted.keySet()) {
      for (String type : List.of("started", "plan-proposed", "completed")) {
        assertThat(events("workflow." + type, "workflowId", workflowId)).as(type).hasSize(1);
      }
    }
    assertThat(events("schedule.run-ended", "scheduleId", id)).hasSameSizeAs(wanted.keySet());
  }

  private static void awaitReactions(long position) throws SQLException {
    for (int i = 0; i < 600; i++) {
      try (Connection connection = server.connectAsOwner(server.databasePassword());
          PreparedStatement query =
              connection.prepareStatement(
                  """
                  select convert_from(token, 'UTF8') from views.token_entry
                  where processor_name = 'reactions'
                  """);
          ResultSet rows = query.executeQuery()) {
        if (rows.next()
            && CanonicalJson.parse(rows.getString(1)).path("globalIndex").asLong() >= position) {
          return;
        }
      }
      LockSupport.parkNanos(50_000_000);
    }
    throw new AssertionError("the reactions do not come to " + position);
  }

  @Test
  void with_queue_one_runs_one_waits_and_a_third_is_refused() {
    String id = created(SELDOM, "\"overlap\":\"queue\",", UNTIL_TOLD);
    String first = triggered(id, "first");
    awaitStatus(first, "running");
    String second = triggered(id, "second");
    assertThat(triggered(id, "second")).as("the same again").isEqualTo(second);
    HttpResponse<String> third = server.post("/v1/schedules/" + id + "/trigger", "");
    assertThat(third.statusCode()).isEqualTo(409);
    assertThat(json(third).path("type").asText()).isEqualTo("/problems/wrong-state");
    assertThat(row(id).path("running").toString()).isEqualTo("[\"" + first + "\"]");
    assertThat(row(id).path("waiting").toString()).isEqualTo("[\"" + second + "\"]");
    assertThat(server.get("/v1/workflows/" + second).statusCode()).isEqualTo(404);

    server.post("/v1/workflows/" + first + "/cancel", "{\"reason\":\"not now\"}");
    awaitStatus(second, "running");
    server.post("/v1/workflows/" + second + "/signals", "{\"name\":\"done\"}");
    awaitStatus(second, "completed");
    JsonNode after = await("/v1/schedules/" + id, row -> row.path("running").isEmpty());
    assertThat(after.path("lastEnd").asText()).isEqualTo("completed");
    assertThat(after.path("waiting")).isEmpty();
  }

  @Test
  void with_skip_a_time_that_finds_one_running_is_skipped() {
    String id = created(EACH_SECOND, "", UNTIL_TOLD);
    JsonNode skipped =
        await("/v1/schedules/" + id, row -> row.path("skippedBecause").asText().equals("overlap"));
    String only = skipped.path("lastWorkflowId").asText();
    assertThat(skipped.path("running").toString()).isEqualTo("[\"" + only + "\"]");

    awaitStatus(only, "running");
    server.post("/v1/workflows/" + only + "/signals", "{\"name\":\"done\"}");
    await(
        "/v1/schedules/" + id,
        row ->
            !row.path("lastWorkflowId").asText().equals(only) && row.path("running").size() == 1);
    asked(id, "delete", "");
  }

  @Test
  void it_is_shown_with_its_plan_and_the_next_five_times() {
    String id = created("30 9 * * *", "\"zone\":\"Europe/Berlin\",", SHORT);

    JsonNode row = row(id);
    assertThat(row.path("plan")).isEqualTo(CanonicalJson.parse(SHORT));
    assertThat(row.path("upcoming")).hasSize(5);
    assertThat(row.path("upcoming").path(0)).isEqualTo(row.path("nextDueAt"));
    assertThat(row.path("overlap").asText()).isEqualTo("skip");
    assertThat(json(server.get("/v1/schedules?limit=500")).path("items").toString()).contains(id);

    asked(id, "pause", "{\"reason\":\"lunch\"}");
    assertThat(row(id).path("pausedBecause").asText()).isEqualTo("lunch");
    assertThat(row(id).path("upcoming")).isEmpty();
    asked(id, "resume", "");
    assertThat(row(id).path("upcoming")).hasSize(5);
    asked(id, "delete", "");
    assertThat(row(id).path("status").asText()).isEqualTo("deleted");
    assertThat(server.post("/v1/schedules/" + id + "/resume", "").statusCode()).isEqualTo(409);
  }

  @Test
  void each_workflow_can_have_a_budget_of_its_own() {
    String id = UUID.randomUUID().toString();
    String body =
        body(id, SELDOM, "", SHORT)
            .replace("\"plan\":", "\"budget\":{\"tokens\":7,\"microDollars\":9},\"plan\":");
    assertThat(server.post("/v1/schedules", body).statusCode()).isEqualTo(201);

    String workflowId = triggered(id, "t1");
    awaitStatus(workflowId, "completed");
    String budgetId = json(server.get("/v1/workflows/" + workflowId)).path("budgetId").asText();
    JsonNode budget = await("/v1/budgets/" + budgetId, row -> row.has("limitTokens"));
    assertThat(budget.path("limitTokens").asLong()).isEqualTo(7);
    assertThat(budget.path("limitMicroDollars").asLong()).isEqualTo(9);
  }

  @Test
  void a_workflow_that_cannot_begin_does_not_hold_the_others_up() {
    String id = created(SELDOM, "", SHORT);
    String taken = ScheduledIds.workflow(new ScheduleId(id), "t1").value();
    server.post(
        "/v1/workflows",
        "{\"workflowId\":\"%s\",\"name\":\"other\",\"intent\":\"\"}".formatted(taken));

    assertThat(triggered(id, "t1")).isEqualTo(taken);
    await("/v1/schedules/" + id, row -> row.path("lastEnd").asText().equals("not_started"));
    awaitStatus(triggered(id, "t2"), "completed");
  }

  @Test
  void it_belongs_to_its_tenant() {
    String id = created(SELDOM, "", SHORT);
    assertThat(server.get("/v1/schedules/" + id, server.in("globex")).statusCode()).isEqualTo(404);
    for (String verb : List.of("trigger", "resume", "delete")) {
      assertThat(
              server.post("/v1/schedules/" + id + "/" + verb, "", server.in("globex")).statusCode())
          .as(verb)
          .isEqualTo(404);
    }
  }

  @Test
  void creating_it_again_is_already_so_and_another_under_its_id_is_refused() {
    String id = UUID.randomUUID().toString();
    String body = body(id, SELDOM, "", SHORT);
    assertThat(server.post("/v1/schedules", body).statusCode()).isEqualTo(201);
    assertThat(server.post("/v1/schedules", body).statusCode()).isEqualTo(200);
    HttpResponse<String> other = server.post("/v1/schedules", body.replace("nightly", "daily"));
    assertThat(other.statusCode()).isEqualTo(409);
    assertThat(json(other).path("type").asText()).isEqualTo("/problems/already-exists");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "0 0 1 1 *|every night|invalid-field|cron",
        "0 0 1 1 *|0 0 31 2 *|invalid-field|no such day",
        "\"zone\":\"UTC\"|\"zone\":\"Mars/Olympus\"|invalid-field|time zone database",
        "\"zone\":\"UTC\"|\"zone\":\"+02:00\"|invalid-field|time zone database",
        "\"zone\":\"UTC\"|\"overlap\":\"replace\"|invalid-field|skip, queue, allow",
        "\"zone\":\"UTC\"|\"queueMax\":0|invalid-field|queueMax",
        "\"zone\":\"UTC\"|\"catchUpMillis\":1|invalid-field|catchUpMillis",
        "\"zone\":\"UTC\"|\"every\":\"day\"|unknown-field|every",
        "nightly||invalid-field|name",
        "\"intent\":\"report what happened\",||invalid-field|intent",
        "\"waitMillis\":1|\"waitMillis\":-1|invalid-plan|steps[0].waitMillis",
        "{\"steps\"|{\"autonomy\":\"approve_all\",\"steps\"|invalid-plan|by itself",
        "{\"steps\"|{\"autonomy\":\"plan_only\",\"steps\"|invalid-plan|by itself",
        "\"plan\":|\"labels\":{\"schedule\":\"x\"},\"plan\":|invalid-field|labels.schedule",
        "\"plan\":|\"budgetId\":\"x\",\"plan\":|invalid-field|budgetId",
        "\"plan\":|\"budget\":{\"tokens\":-1},\"plan\":|invalid-field|tokens",
      })
  void bad_input_is_a_clear_problem_and_appends_nothing(
      String right, String wrong, String type, String says) {
    String body = body(UUID.randomUUID().toString(), SELDOM, "\"zone\":\"UTC\",", SHORT);
    assertThat(body).contains(right);
    long before = schedules();
    HttpResponse<String> response =
        server.post("/v1/schedules", body.replace(right, wrong == null ? "" : wrong));

    assertThat(response.statusCode()).as(response.body()).isBetween(400, 422);
    assertThat(json(response).path("type").asText()).isEqualTo("/problems/" + type);
    assertThat(response.body()).contains(says);
    assertThat(schedules()).isEqualTo(before);
  }

  /** How many schedules there are: another test's may fire meanwhile. */
  private static long schedules() {
    return json(server.get(
            "/v1/schedules?limit=500", "AF-Consistent-With", Long.toString(server.position())))
        .path("items")
        .size();
  }

  @Test
  void all_faults_of_a_plan_are_told_at_once() {
    String plan =
        """
        {"autonomy":"approve_all","steps":[
          {"id":"a","kind":"magic"},{"id":"a","kind":"tool","needs":["b"]}]}
        """;
    HttpResponse<String> response =
        server.post("/v1/schedules", body(UUID.randomUUID().toString(), SELDOM, "", plan));
    assertThat(response.statusCode()).isEqualTo(422);
    assertThat(json(response).path("faults"))
        .extracting(fault -> fault.path("at").asText())
        .contains("autonomy", "steps[0].kind", "steps[1].id", "steps[1].needs", "steps[1].tool");
  }
}

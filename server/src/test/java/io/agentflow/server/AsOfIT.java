package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.cli.ExitCode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Lists and rows as of a point of the past, from the log of a server. */
class AsOfIT {

  private static final int COMMANDS = 80;
  private static final long SEED = new Random().nextLong();
  private static final Random RANDOM = new Random(SEED);

  private static ServerProcess server;

  /** What was answered when the log ended at a position. */
  private record Answered(String path, long position, Instant at, String body) {}

  private static final List<Answered> answered = new ArrayList<>();
  private static final List<String> workflows = new ArrayList<>();
  private static final List<String> agents = new ArrayList<>();
  private static final List<String> budgets = new ArrayList<>();
  private static int commands;

  @BeforeAll
  static void fillTables() {
    server = ServerProcess.start();
    for (commands = 0; commands < COMMANDS; commands++) {
      HttpResponse<String> done = command();
      long position = done.headers().firstValueAsLong("AF-Position").orElse(0);
      if (commands > 6 && done.statusCode() < 300 && position == server.position()) {
        remember(position);
      }
    }
    assertThat(answered).as("seed %d", SEED).hasSizeGreaterThan(COMMANDS / 5);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> command() {
    return switch (commands < 6 ? commands / 2 : 3 + RANDOM.nextInt(20)) {
      case 0, 3, 4 ->
          made(
              workflows,
              "/v1/workflows",
              "{\"name\":\"w\",\"intent\":\"do it\",\"labels\":{\"team\":\"t%d\"}}"
                  .formatted(RANDOM.nextInt(2)));
      case 1, 5 -> made(agents, "/v1/agents", "{\"name\":\"bot\",\"role\":\"support\"}");
      case 2, 6 ->
          made(
              budgets,
              "/v1/budgets",
              "{\"name\":\"all\",\"limitTokens\":100,\"limitMicroDollars\":1000}");
      case 7, 8 -> post("/v1/agents/%s/suspend", agents, "{\"reason\":\"errors\"}");
      case 9, 10 -> post("/v1/agents/%s/activate", agents, "{}");
      case 11, 12, 13, 14 ->
          post(
              "/v1/budgets/%s/reservations",
              budgets,
              "{\"reservationId\":\"r%d\",\"tokens\":%d,\"microDollars\":1}"
                  .formatted(commands, RANDOM.nextInt(60)));
      case 15 -> post("/v1/workflows/%s/fail", workflows, "{\"reason\":\"no\"}");
      case 16, 17 -> post("/v1/workflows/%s/start", workflows, "{}");
      default ->
          post(
              "/v1/workflows/%s/messages",
              workflows,
              "{\"messageId\":\"m%d\",\"role\":\"user\",\"from\":\"u\",\"to\":\"a\",\"content\":\"hi\",\"tokens\":2,\"microDollars\":5}"
                  .formatted(commands));
    };
  }

  private static HttpResponse<String> made(List<String> of, String path, String body) {
    HttpResponse<String> made = server.post(path, body);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    of.add(CanonicalJson.parse(made.body()).path("id").asText());
    return made;
  }

  private static HttpResponse<String> post(String path, List<String> ids, String body) {
    return server.post(path.formatted(one(ids)), body);
  }

  private static <T> T one(List<T> of) {
    return of.get(RANDOM.nextInt(of.size()));
  }

  private static void remember(long position) {
    String path =
        switch (answered.isEmpty() ? 7 : RANDOM.nextInt(8)) {
          case 0 -> "/v1/workflows/" + one(workflows);
          case 1 -> "/v1/agents/" + one(agents);
          case 2 -> "/v1/budgets/" + one(budgets);
          case 3 -> "/v1/agents?limit=10&status=" + one(List.of("active", "suspended"));
          case 4 -> "/v1/budgets?limit=10&status=" + one(List.of("open", "exhausted"));
          case 5 -> "/v1/workflows?limit=10&label=team:t0&label=team:t0";
          case 6 -> "/v1/workflows?limit=10&status=" + one(List.of("created", "running", "failed"));
          default -> "/v1/workflows?limit=3";
        };
    HttpResponse<String> answer = server.get(path, "AF-Consistent-With", String.valueOf(position));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    answered.add(new Answered(path, position, Instant.now(), answer.body()));
  }

  private static String asOf(String path, Object asOf) {
    return path + (path.contains("?") ? "&" : "?") + "asOf=" + asOf;
  }

  private static JsonNode items(String body) {
    JsonNode answer = CanonicalJson.parse(body);
    return answer.has("items") ? answer.path("items") : answer;
  }

  @Test
  void what_was_answered_once_is_answered_as_of_its_position_and_its_time() {
    Collections.shuffle(answered, RANDOM);
    for (Answered then : answered) {
      for (Object point : List.of(then.position(), then.at())) {
        HttpResponse<String> now =
            server.get(
                asOf(then.path(), point), "AF-Consistent-With", String.valueOf(server.position()));
        assertThat(now.statusCode()).as(now.body()).isEqualTo(200);
        assertThat(items(now.body()))
            .as("%s as of %s, seed %d", then.path(), point, SEED)
            .isEqualTo(items(then.body()));
      }
    }
  }

  @Test
  void a_history_of_several_pages_is_folded_as_far_as_it_is_asked_for() {
    String id =
        CanonicalJson.parse(
                server.post("/v1/workflows", "{\"name\":\"long\",\"intent\":\"talk\"}").body())
            .path("id")
            .asText();
    server.post("/v1/workflows/" + id + "/start", "{}");
    List<String> positions = new ArrayList<>();
    for (int i = 0; i < 520; i++) {
      HttpResponse<String> said =
          server.post(
              "/v1/workflows/" + id + "/messages",
              "{\"messageId\":\"m%d\",\"role\":\"user\",\"from\":\"u\",\"to\":\"a\",\"content\":\"hi\"}"
                  .formatted(i));
      positions.add(said.headers().firstValue("AF-Position").orElseThrow());
    }
    for (int said : List.of(1, 498, 499, 501, 519)) {
      String then = server.get(asOf("/v1/workflows/" + id, positions.get(said - 1))).body();
      assertThat(CanonicalJson.parse(then).path("messages").asInt()).isEqualTo(said);
    }
  }

  @Test
  void pages_as_of_a_time_have_each_row_once_while_others_are_added() {
    String list = asOf("/v1/workflows?limit=2", Instant.now());
    List<String> expected =
        ids(CanonicalJson.parse(server.get("/v1/workflows?limit=500").body()).path("items"));
    List<String> found = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = CanonicalJson.parse(server.get(list + cursor).body());
      found.addAll(ids(page.path("items")));
      cursor = page.path("nextCursor").asText(null);
      cursor = cursor == null ? null : "&cursor=" + cursor;
      server.post("/v1/workflows", "{\"name\":\"later\",\"intent\":\"do it\"}");
    } while (cursor != null);
    assertThat(found).isEqualTo(expected);
  }

  private static List<String> ids(JsonNode items) {
    List<String> ids = new ArrayList<>();
    items.forEach(row -> ids.add(row.path("workflowId").asText()));
    return ids;
  }

  private static JsonNode refused(int status, String path, String... headers) {
    HttpResponse<String> answer = server.get(path, headers);
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(status);
    return CanonicalJson.parse(answer.body());
  }

  @Test
  void what_is_no_point_of_this_log_is_refused_and_what_was_not_there_is_not_found() {
    JsonNode beyond = refused(422, "/v1/budgets?asOf=999999");
    assertThat(beyond.path("field").asText()).isEqualTo("asOf");
    assertThat(beyond.path("detail").asText()).contains("log's end", "position");
    assertThat(refused(422, "/v1/agents?asOf=2100-01-01T00:00:00Z").path("detail").asText())
        .contains("to come");
    assertThat(refused(422, "/v1/workflows?asOf=yesterday").path("field").asText())
        .isEqualTo("asOf");
    assertThat(refused(422, "/v1/workflows?asOf=").path("field").asText()).isEqualTo("asOf");

    assertThat(refused(422, "/v1/workflows?asOf=1&tool=t").path("detail").asText())
        .contains("with tool or text");

    String last = workflows.getLast();
    assertThat(refused(404, "/v1/workflows/" + last + "?asOf=1").path("detail").asText())
        .contains("not there yet at position 1; it came at position");
    assertThat(
            refused(404, "/v1/workflows/" + UUID.randomUUID() + "?asOf=1").path("detail").asText())
        .contains("no workflow");
  }

  @Test
  void another_tenant_has_no_past_here() {
    String now = String.valueOf(server.position());
    String path = "/v1/workflows/" + workflows.getFirst() + "?asOf=" + now;
    assertThat(refused(404, path, server.in("other")).path("detail").asText())
        .contains("no workflow")
        .doesNotContain("position " + now);
    for (String list : List.of("/v1/workflows", "/v1/agents", "/v1/budgets")) {
      for (Object point : List.of(now, Instant.now())) {
        HttpResponse<String> answer = server.get(asOf(list, point), server.in("other"));
        assertThat(answer.body()).contains("\"items\":[]");
      }
    }
  }

  @Test
  void af_asks_as_of_a_point_of_the_past() {
    Answered then =
        answered.stream()
            .filter(one -> one.path().equals("/v1/workflows?limit=3"))
            .findFirst()
            .orElseThrow();
    assertThat(items(json("workflows", "list", "--limit", "3", "--as-of", then.at().toString())))
        .isEqualTo(items(then.body()));
    String head = String.valueOf(server.position());
    for (List<String> of :
        List.of(
            List.of("workflows", workflows.getFirst()),
            List.of("agents", agents.getFirst()),
            List.of("budgets", budgets.getFirst()))) {
      assertThat(json(of.getFirst(), "show", of.getLast(), "--as-of", head))
          .isEqualTo(
              CanonicalJson.canonicalize(
                  CanonicalJson.parse(
                      server.get("/v1/" + of.getFirst() + "/" + of.getLast()).body())));
    }
    ServerProcess.Ran early = server.run("budgets", "show", budgets.getFirst(), "--as-of", "1");
    assertThat(early.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(early.output()).contains("was not there yet at position 1");
  }

  private static String json(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--json");
    ServerProcess.Ran ran = server.run(all.toArray(String[]::new));
    assertThat(ran.exitCode()).as(ran.output()).isZero();
    return CanonicalJson.canonicalize(ran.json());
  }
}

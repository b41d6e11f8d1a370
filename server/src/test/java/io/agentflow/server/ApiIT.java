package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.contract.Contract;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiIT {

  private static final String UNKNOWN = "018f4e6a-0000-7000-8000-00000000ffff";

  private static ServerProcess server;
  private static String running;
  private static String created;
  private static String budget;
  private static String inUse;
  private static String agent;

  @BeforeAll
  static void start() {
    server = ServerProcess.start().heldTo(Contract.checkedIn());
    running = createWorkflow();
    assertThat(server.post("/v1/workflows/" + running + "/start", "").statusCode()).isEqualTo(200);
    created = createWorkflow();
    budget =
        id(
            server.post(
                "/v1/budgets",
                "{\"name\":\"all\",\"limitTokens\":1000,\"limitMicroDollars\":1000}"));
    inUse =
        id(
            server.post(
                "/v1/budgets",
                "{\"name\":\"in use\",\"limitTokens\":10,\"limitMicroDollars\":10}"));
    server.post(
        "/v1/budgets/" + inUse + "/reservations",
        "{\"reservationId\":\"r\",\"tokens\":10,\"microDollars\":10}");
    agent = id(server.post("/v1/agents", "{\"name\":\"bot\",\"role\":\"support\"}"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String createWorkflow() {
    return id(server.post("/v1/workflows", "{\"name\":\"run\",\"intent\":\"do it\"}"));
  }

  private static JsonNode json(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body());
  }

  private static String id(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    return json(response).path("id").asText();
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElseThrow();
  }

  /**
   * {@code $running}, {@code $created}, {@code $budget}, {@code $inUse}, {@code $agent} stand for
   * real ids.
   */
  private static String filled(String text) {
    return text.replace("$running", running)
        .replace("$created", created)
        .replace("$budget", budget)
        .replace("$inUse", inUse)
        .replace("$agent", agent)
        .replace("$unknown", UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "400 | malformed-json | /v1/workflows | {\"name\"",
        "400 | malformed-json | /v1/workflows | {\"name\":\"a\",\"name\":\"b\",\"intent\":\"c\"}",
        "400 | malformed-json | /v1/workflows | ~~",
        "400 | malformed-json | /v1/workflows/$running/messages | {} {}",
        "400 | unknown-field | /v1/workflows | {\"name\":\"a\",\"intent\":\"b\",\"colour\":\"red\"}",
        "422 | invalid-field | /v1/workflows | []",
        "422 | invalid-field | /v1/workflows | {\"name\":7,\"intent\":\"b\"}",
        "422 | invalid-field | /v1/workflows | {\"intent\":\"no name\"}",
        "422 | invalid-field | /v1/workflows | {\"name\":\"  \",\"intent\":\"b\"}",
        "422 | invalid-field | /v1/workflows | {\"workflowId\":\"wf-1\",\"name\":\"a\",\"intent\":\"b\"}",
        "422 | invalid-field | /v1/workflows/not-a-uuid/start | {}",
        "422 | invalid-field | /v1/workflows/$running/messages | {\"messageId\":\"m\",\"role\":\"robot\",\"from\":\"a\",\"to\":\"b\",\"content\":\"c\"}",
        "422 | invalid-field | /v1/workflows/$running/messages | {\"messageId\":\"m\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\",\"content\":\"c\",\"tokens\":-1}",
        "422 | invalid-field | /v1/workflows/$running/messages | {\"messageId\":\"m\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\",\"content\":\"c\",\"tokens\":1.5}",
        "422 | invalid-field | /v1/workflows/$running/messages | {\"messageId\":\"m\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\",\"content\":\"x\\u0000y\"}",
        "422 | invalid-field | /v1/budgets | {\"name\":\"b\",\"limitTokens\":9007199254740992,\"limitMicroDollars\":1}",
        "404 | not-found | /v1/workflows/$unknown/start | {}",
        "404 | not-found | /v1/budgets/$unknown/reservations | {\"reservationId\":\"r\",\"tokens\":1,\"microDollars\":1}",
        "404 | not-found | /v1/budgets/$budget/reservations/r9/settle | {\"tokens\":1,\"microDollars\":1}",
        "404 | not-found | /v1/workflows/$running/tool-results | {\"callId\":\"c9\",\"result\":\"x\"}",
        "404 | not-found | /v1/workflows/$budget/start | {}",
        "404 | not-found | /v1/nothing | {}",
        "409 | wrong-state | /v1/workflows/$created/complete | {\"result\":\"done\"}",
        "409 | wrong-state | /v1/workflows/$created/messages | {\"messageId\":\"m\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\",\"content\":\"c\"}",
        "409 | already-exists | /v1/workflows | {\"workflowId\":\"$running\",\"name\":\"other\",\"intent\":\"do it\"}",
        "409 | already-exists | /v1/workflows | {\"workflowId\":\"$budget\",\"name\":\"other\",\"intent\":\"do it\"}",
        "409 | limit-exceeded | /v1/budgets/$budget/reservations | {\"reservationId\":\"r\",\"tokens\":1001,\"microDollars\":1}",
        "409 | limit-exceeded | /v1/budgets/$budget/allocations | {\"name\":\"s\",\"tokens\":1,\"microDollars\":1001}",
        "422 | invalid-field | /v1/agents | {\"name\":\"a\",\"role\":\"r\",\"concurrency\":1001}",
        "422 | invalid-field | /v1/agents | {\"name\":\"a\",\"role\":\"r\",\"autonomy\":\"yolo\"}",
        "422 | invalid-field | /v1/agents/$agent/capabilities | {\"capabilities\":[\"\"]}",
        "404 | not-found | /v1/agents/$unknown/suspend | {\"reason\":\"errors\"}",
        "409 | limit-too-low | /v1/budgets/$inUse/limit | {\"limitTokens\":9,\"limitMicroDollars\":10}",
        "409 | wrong-state | /v1/budgets/$inUse/close | {}",
        "422 | invalid-field | /v1/budgets/$budget/limit | {\"limitTokens\":9,\"limitMicroDollars\":10,\"softLimitTokens\":10}",
        "422 | invalid-field | /v1/budgets | {\"name\":\"b\",\"limitTokens\":1,\"limitMicroDollars\":1,\"period\":\"yearly\"}",
        "422 | invalid-field | /v1/budgets | {\"name\":\"b\",\"limitTokens\":1,\"limitMicroDollars\":1,\"period\":\"daily\",\"zone\":\"Mars\"}",
        "422 | invalid-field | /v1/budgets | {\"name\":\"b\",\"limitTokens\":1,\"limitMicroDollars\":1,\"thresholdsPercent\":[80,101]}",
        "422 | invalid-field | /v1/budgets | {\"name\":\"b\",\"limitTokens\":1,\"limitMicroDollars\":1,\"thresholdsPercent\":[null]}",
        "404 | not-found | /v1/replays | {\"workflowId\":\"$unknown\"}"
      })
  void a_bad_request_is_told_what_is_wrong_and_appends_nothing(
      int status, String slug, String path, String body) {
    long before = server.position();

    HttpResponse<String> response = server.post(filled(path), filled(body));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
    JsonNode problem = json(response);
    assertThat(problem.path("type").asText()).isEqualTo("/problems/" + slug);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("detail").asText()).isNotBlank();
    assertThat(response.body()).doesNotContain("Exception").doesNotContain("select ");
    assertThat(server.position()).isEqualTo(before);
  }

  @Test
  void a_body_above_the_limit_is_refused_whether_or_not_it_names_its_length() {
    String large = "{\"name\":\"" + "a".repeat(20_000) + "\"}";
    assertThat(server.post("/v1/workflows", large).statusCode()).isEqualTo(413);

    HttpResponse<String> chunked =
        server.send(
            server
                .request("/v1/workflows")
                .header("Content-Type", "application/json")
                .POST(
                    BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))))
                .build());
    assertThat(chunked.statusCode()).isEqualTo(413);
    assertThat(json(chunked).path("type").asText()).isEqualTo("/problems/body-too-large");
  }

  @Test
  void a_method_or_media_type_that_is_not_taken_is_a_problem_too() {
    HttpResponse<String> method = server.send(server.request("/v1/workflows").DELETE().build());
    assertThat(json(method).path("type").asText()).isEqualTo("/problems/method-not-allowed");
    for (String mediaType : List.of("text/plain", "application/yaml")) {
      HttpResponse<String> media =
          server.send(
              server
                  .request("/v1/workflows")
                  .header("Content-Type", mediaType)
                  .POST(BodyPublishers.ofString("{\"name\": \"run\", \"intent\": \"do it\"}"))
                  .build());
      assertThat(json(media).path("type").asText()).isEqualTo("/problems/unsupported-media-type");
    }
  }

  @Test
  void an_answer_comes_in_one_piece_with_its_length() {
    for (HttpResponse<String> answer :
        List.of(
            server.post("/v1/workflows", "{\"name\":\"run\",\"intent\":\"do it\"}"),
            server.post("/v1/workflows", "{}"),
            server.get("/v1/workflows?limit=1"))) {
      assertThat(answer.headers().firstValueAsLong("Content-Length"))
          .as(answer.body())
          .hasValue(answer.body().getBytes(StandardCharsets.UTF_8).length);
    }
  }

  @Test
  void a_command_answers_where_it_stands_and_can_be_repeated() {
    String id = UUID.randomUUID().toString();
    String body = "{\"workflowId\":\"%s\",\"name\":\"run\",\"intent\":\"do it\"}".formatted(id);

    HttpResponse<String> first = server.post("/v1/workflows", body);
    HttpResponse<String> again = server.post("/v1/workflows", body);

    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(header(first, "ETag")).isEqualTo("\"0\"");
    assertThat(header(first, "AF-Position")).isEqualTo(json(first).path("position").asText());
    assertThat(json(first).path("hash").asText()).matches("[0-9a-f]{64}");
  }

  @Test
  void who_names_the_position_reads_what_was_written() {
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> written =
          server.post("/v1/workflows", "{\"name\":\"run %d\",\"intent\":\"do it\"}".formatted(i));
      HttpResponse<String> read =
          server.get(
              "/v1/workflows/" + json(written).path("id").asText(),
              "AF-Consistent-With",
              header(written, "AF-Position"));
      assertThat(read.statusCode()).isEqualTo(200);
      assertThat(json(read).path("name").asText()).isEqualTo("run " + i);
    }
  }

  @Test
  void a_position_that_is_far_away_is_not_waited_for_for_ever() {
    HttpResponse<String> response = server.get("/v1/workflows", "AF-Consistent-With", "1000000000");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(header(response, "Retry-After")).isEqualTo("1");
    assertThat(json(response).path("type").asText()).isEqualTo("/problems/unavailable");
  }

  @Test
  void another_tenant_finds_nothing() {
    String position = Long.toString(server.position());
    for (String path :
        new String[] {
          "/v1/workflows/" + running,
          "/v1/workflows/" + running + "/history",
          "/v1/workflows/" + running + "/state",
          "/v1/agents/" + agent,
          "/v1/budgets/" + budget
        }) {
      assertThat(server.get(path, "AF-Consistent-With", position).statusCode())
          .as(path)
          .isEqualTo(200);
      assertThat(server.get(path, server.in("other")).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(
            server.post("/v1/workflows/" + running + "/start", "", server.in("other")).statusCode())
        .isEqualTo(404);
    assertThat(
            server
                .post(
                    "/v1/workflows",
                    "{\"workflowId\":\"%s\",\"name\":\"run\",\"intent\":\"do it\"}"
                        .formatted(running),
                    server.in("other"))
                .statusCode())
        .isEqualTo(409);
    assertThat(json(server.get("/v1/workflows", server.in("other"))).path("items")).isEmpty();
  }

  @Test
  void a_history_has_every_entry_and_the_state_folds_to_any_of_them() {
    String id = createWorkflow();
    server.post("/v1/workflows/" + id + "/start", "", server.by("alice"));
    server.post(
        "/v1/workflows/" + id + "/messages",
        """
        {"messageId":"m1","role":"user","from":"u","to":"a","content":"hi","tokens":2,"microDollars":5}
        """);
    server.post("/v1/workflows/" + id + "/complete", "{\"result\":\"done\"}");

    JsonNode items = json(server.get("/v1/workflows/" + id + "/history")).path("items");
    assertThat(items).hasSize(4);
    assertThat(items.path(1).path("metadata").path("actor").asText()).isEqualTo("alice");
    String[] expected = {"created", "running", "running", "completed"};
    for (int i = 0; i < 4; i++) {
      JsonNode at =
          json(
              server.get(
                  "/v1/workflows/%s/state?at=%s"
                      .formatted(id, items.path(i).path("position").asText())));
      assertThat(at.path("state").path("status").asText()).isEqualTo(expected[i]);
      assertThat(at.path("version").asInt()).isEqualTo(i);
      assertThat(at.path("hash")).isEqualTo(items.path(i).path("hash"));
    }
    JsonNode page = json(server.get("/v1/workflows/" + id + "/history?limit=3"));
    assertThat(page.path("items")).hasSize(3);
    JsonNode rest =
        json(
            server.get(
                "/v1/workflows/%s/history?cursor=%s"
                    .formatted(id, page.path("nextCursor").asText())));
    assertThat(rest.path("items")).hasSize(1);
    assertThat(server.get("/v1/workflows/%s/state?at=%d".formatted(id, 0)).statusCode())
        .isEqualTo(404);
  }

  @Test
  void a_slice_is_open_as_soon_as_it_is_allocated_and_the_whole_adds_up() {
    String whole =
        id(
            server.post(
                "/v1/budgets",
                "{\"name\":\"whole\",\"limitTokens\":100,\"limitMicroDollars\":100}"));
    HttpResponse<String> allocated =
        server.post(
            "/v1/budgets/" + whole + "/allocations",
            "{\"name\":\"slice\",\"tokens\":40,\"microDollars\":50}");
    String slice = id(allocated);
    server.post(
        "/v1/budgets/" + slice + "/reservations",
        "{\"reservationId\":\"r1\",\"tokens\":40,\"microDollars\":50}");
    HttpResponse<String> settled =
        server.post(
            "/v1/budgets/" + slice + "/reservations/r1/settle",
            "{\"tokens\":10,\"microDollars\":20}");

    String position = header(settled, "AF-Position");
    JsonNode row = json(server.get("/v1/budgets/" + slice, "AF-Consistent-With", position));
    assertThat(row.path("spentTokens").asLong()).isEqualTo(10);
    assertThat(row.path("remainingMicroDollars").asLong()).isEqualTo(30);
    assertThat(row.path("parentBudgetId").asText()).isEqualTo(whole);
    assertThat(
            json(server.get("/v1/budgets/" + whole, "AF-Consistent-With", position))
                .path("remainingTokens")
                .asLong())
        .isEqualTo(60);
  }

  /** A slice whose id is taken is not opened, and the budget keeps what it would have given. */
  @Test
  void an_allocation_whose_slice_cannot_be_opened_takes_nothing() {
    long before = server.position();
    HttpResponse<String> response =
        server.post(
            "/v1/budgets/" + budget + "/allocations",
            "{\"sliceId\":\"%s\",\"name\":\"s\",\"tokens\":1,\"microDollars\":1}"
                .formatted(running));
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(server.position()).isEqualTo(before);
  }

  @Test
  void what_a_web_page_sends_is_refused_and_appends_nothing() {
    long before = server.position();
    HttpResponse<String> response =
        server.post("/v1/workflows/" + created + "/start", "", "Origin", "https://example.org");
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(json(response).path("type").asText()).isEqualTo("/problems/not-local");
    assertThat(server.position()).isEqualTo(before);
  }

  /** A page may have its own name lead to this machine; the browser then sends that name. */
  @Test
  void what_is_addressed_to_another_name_is_refused() throws Exception {
    URI address = server.request("/v1/status").build().uri();
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /v1/status HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 403");
    }
  }

  @Test
  void a_tenant_without_a_chain_is_not_called_whole() {
    assertThat(server.get("/v1/audit/verification?tenant=default").statusCode()).isEqualTo(200);
    assertThat(server.get("/v1/audit/verification?tenant=defautl").statusCode()).isEqualTo(404);
  }

  @Test
  void a_list_is_paged_newest_first_without_gap_or_repetition() {
    for (int i = 0; i < 7; i++) {
      server.post(
          "/v1/agents", "{\"name\":\"a%d\",\"role\":\"x\"}".formatted(i), server.in("pages"));
    }
    String position = Long.toString(server.position());
    StringBuilder names = new StringBuilder();
    String cursor = "";
    do {
      JsonNode page =
          json(
              server.get(
                  "/v1/agents?limit=3" + cursor,
                  "Authorization",
                  server.bearer("pages", "tester"),
                  "AF-Consistent-With",
                  position));
      page.path("items").forEach(item -> names.append(item.path("name").asText()));
      cursor =
          page.path("nextCursor").isNull() ? "" : "&cursor=" + page.path("nextCursor").asText();
    } while (!cursor.isEmpty());

    assertThat(names).hasToString("a6a5a4a3a2a1a0");
    assertThat(server.get("/v1/agents?limit=0").statusCode()).isEqualTo(422);
    assertThat(server.get("/v1/agents?cursor=x").statusCode()).isEqualTo(422);
  }

  private static List<String> names(String path, String tenant, String position) {
    JsonNode page =
        json(
            server.get(
                path,
                "Authorization",
                server.bearer(tenant, "tester"),
                "AF-Consistent-With",
                position));
    return page.path("items").findValuesAsText("name");
  }

  @Test
  void a_list_has_only_what_was_asked_for() {
    String[] tenant = server.in("filters");
    String busy =
        id(
            server.post(
                "/v1/agents",
                "{\"name\":\"busy\",\"role\":\"r\",\"capabilities\":[\"write\",\"read\"]}",
                tenant));
    String idle = id(server.post("/v1/agents", "{\"name\":\"idle\",\"role\":\"r\"}", tenant));
    server.post("/v1/agents/" + idle + "/suspend", "{\"reason\":\"rest\"}", tenant);
    String all =
        id(
            server.post(
                "/v1/budgets",
                "{\"name\":\"all\",\"limitTokens\":9,\"limitMicroDollars\":9}",
                tenant));
    server.post(
        "/v1/budgets", "{\"name\":\"none\",\"limitTokens\":0,\"limitMicroDollars\":0}", tenant);
    String labelled =
        id(
            server.post(
                "/v1/workflows",
                "{\"name\":\"labelled\",\"intent\":\"i\",\"agentId\":\"%s\",\"budgetId\":\"%s\",\"labels\":{\"team\":\"x,y\",\"at\":\"6:00\"}}"
                    .formatted(busy, all),
                tenant));
    server.post("/v1/workflows/" + labelled + "/start", "", tenant);
    server.post("/v1/workflows", "{\"name\":\"plain\",\"intent\":\"i\"}", tenant);
    String now = Long.toString(server.position());

    String[][] asked = {
      {"/v1/workflows", "plain labelled"},
      {"/v1/workflows?status=running", "labelled"},
      {"/v1/workflows?status=failed", ""},
      {"/v1/workflows?agentId=" + busy, "labelled"},
      {"/v1/workflows?agentId=" + idle, ""},
      {"/v1/workflows?budgetId=" + all, "labelled"},
      {"/v1/workflows?label=team:x,y", "labelled"},
      {"/v1/workflows?label=team:x,y&label=at:6:00", "labelled"},
      {"/v1/workflows?label=team:x,y&label=at:7:00", ""},
      {"/v1/workflows?label=team:x", ""},
      {"/v1/workflows?createdAfter=2020-01-01T00:00:00Z", "plain labelled"},
      {"/v1/workflows?createdBefore=2020-01-01T00:00:00Z", ""},
      {"/v1/agents?status=suspended", "idle"},
      {"/v1/agents?capability=read", "busy"},
      {"/v1/agents?capability=write&status=suspended", ""},
      {"/v1/budgets?status=open", "all"},
      {"/v1/budgets?status=exhausted", "none"},
      {"/v1/budgets?status=closed", ""},
    };
    for (String[] question : asked) {
      assertThat(String.join(" ", names(question[0], "filters", now)))
          .as(question[0])
          .isEqualTo(question[1]);
    }
    assertThat(
            server
                .run(
                    "workflows",
                    "list",
                    "--tenant",
                    "filters",
                    "--status",
                    "running",
                    "--label",
                    "team:x,y")
                .output())
        .contains("labelled")
        .doesNotContain("plain");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /v1/workflows?status=lost | created, running, paused
          /v1/workflows?label=team | name:value
          /v1/agents?status=lost | active, suspended, retired
          /v1/budgets?status=lost | open, exhausted, closed
          /v1/schedules?status=lost | active, paused, deleted
          /v1/approvals?status=lost | open, granted
          /v1/agents?cursor=MQ | nextCursor
          /v1/agents?cursor=MSB3b3JrZmxvd3MgNTg | agents
          """)
  void what_no_list_can_be_asked_for_is_refused_with_what_can(String path, String known) {
    HttpResponse<String> answer = server.get(path);
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(json(answer).path("detail").asText()).contains(known);
  }

  @Test
  void an_agent_can_be_changed_suspended_activated_and_retired() {
    String id =
        id(
            server.post(
                "/v1/agents",
                """
                {"name":"bot","role":"support","tools":["search"],"capabilities":["triage"],\
                "concurrency":4,"autonomy":"risk_based"}
                """));
    assertThat(agentRow(id).path("capabilities")).hasSize(1);

    server.post("/v1/agents/" + id + "/capabilities", "{\"concurrency\":2}");
    server.post("/v1/agents/" + id + "/suspend", "{\"reason\":\"errors\"}");
    JsonNode suspended = agentRow(id);
    assertThat(suspended.path("status").asText()).isEqualTo("suspended");
    assertThat(suspended.path("statusReason").asText()).isEqualTo("errors");
    assertThat(suspended.path("concurrency").asInt()).isEqualTo(2);
    assertThat(suspended.path("autonomy").asText()).isEqualTo("risk_based");
    assertThat(suspended.path("tools").path(0).asText()).isEqualTo("search");
    assertThat(suspended.path("online").asBoolean()).isFalse();

    assertGivenNoWork(id, "suspended (errors)");

    server.post("/v1/agents/" + id + "/activate", "");
    assertThat(server.post("/v1/agents/" + id + "/leases", "{}").statusCode()).isEqualTo(200);
    assertThat(agentRow(id).path("status").asText()).isEqualTo("active");
    assertThat(agentRow(id).path("statusReason").isNull()).isTrue();

    server.post("/v1/agents/" + id + "/retire", "{\"reason\":\"replaced\"}");
    assertThat(agentRow(id).path("status").asText()).isEqualTo("retired");
    assertGivenNoWork(id, "retired");
    HttpResponse<String> refused = server.post("/v1/agents/" + id + "/activate", "");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(json(refused).path("type").asText()).isEqualTo("/problems/wrong-state");
  }

  private static void assertGivenNoWork(String agentId, String why) {
    // A node hears of it a moment later; who waits is sent away then.
    HttpResponse<String> refused;
    do {
      refused = server.post("/v1/agents/" + agentId + "/leases", "{\"waitMillis\":60000}");
    } while (refused.statusCode() == 200);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(json(refused).path("type").asText()).isEqualTo("/problems/wrong-state");
    assertThat(json(refused).path("detail").asText()).contains(why);
  }

  private static JsonNode agentRow(String id) {
    return json(
        server.get("/v1/agents/" + id, "AF-Consistent-With", Long.toString(server.position())));
  }
}

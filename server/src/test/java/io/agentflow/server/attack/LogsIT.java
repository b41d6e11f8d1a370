package io.agentflow.server.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.cli.Bearer;
import io.agentflow.server.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a client sends does not come into the server's output, wherever it stands in a request and
 * whatever fails over it; and no line there is a client's.
 */
class LogsIT {

  private static final String CANARY = "canary5d1e";

  /** As if the server had said it. */
  private static final String FORGED = "2026-01-01T00:00:00.000Z ERROR Forged: the end is near";

  private static final String LINE =
      "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+\\S* (?:INFO |WARN |ERROR|DEBUG|TRACE) (?<logger>\\w+): .*";

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> ask(
      String method, String path, String body, String... headers) {
    return server.send(
        server
            .request(path, headers)
            .method(
                method,
                body.isEmpty()
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(body, StandardCharsets.UTF_8))
            .build());
  }

  private static JsonNode carriedOut(String path, String body) {
    HttpResponse<String> answer =
        ask("POST", path, body, "Content-Type", "application/json", "Idempotency-Key", key());
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isBetween(200, 299);
    return JsonMapper.shared().readTree(answer.body());
  }

  private static String key() {
    return CANARY + "-" + UUID.randomUUID();
  }

  /** With a line of its own in it, as far as the place allows. */
  private static String encoded() {
    return URLEncoder.encode(CANARY + "\r\n" + FORGED, StandardCharsets.UTF_8);
  }

  private static String text() {
    return CANARY + "\\r\\n" + FORGED;
  }

  @Test
  void whatever_is_sent_and_whatever_fails_no_value_of_a_client_is_told() throws Exception {
    TenantInUse tenant =
        new TenantInUse(
            LogsIT::carriedOutAsAnswer,
            (path, position) -> ask("GET", path, "", "AF-Consistent-With", position));
    String leaseToken = String.valueOf(tenant.ids().get("leaseToken"));
    String key =
        carriedOut(
                "/v1/access/keys",
                """
                {"name":"deploy","roles":["viewer"],"expiresAt":"%s"}"""
                    .formatted(Instant.now().plus(Duration.ofDays(1))))
            .path("key")
            .asString();
    String workflow = String.valueOf(tenant.ids().get("workflowId"));

    badCredentials(key);
    oddHeadersQueriesAndPaths(workflow);
    bodiesThatAreNone();
    bytesThatAreNoRequest();
    String token = server.bearer(Bearer.owner("default", "tester")).substring("Bearer ".length());
    failures(workflow);

    String output = server.output();
    assertThat(output)
        .as("failures were provoked, and are told")
        .contains("the database failed a query", "units was refused", "Caused by: ");
    assertThat(output)
        .doesNotContain(CANARY, CANARY.toUpperCase(java.util.Locale.ROOT))
        .doesNotContain(leaseToken, key, token, token.substring(token.lastIndexOf('.') + 1));
    assertThat(Files.readString(server.home().resolve(".agentflow/postgres.log")))
        .doesNotContain(CANARY, leaseToken, key);
    assertThat(output.lines())
        .noneMatch(line -> line.startsWith(FORGED) || line.startsWith("Forged"))
        .anyMatch(line -> line.matches(LINE));
  }

  private static HttpResponse<String> carriedOutAsAnswer(String path, String body) {
    return ask("POST", path, body, "Content-Type", "application/json", "Idempotency-Key", key());
  }

  private static void badCredentials(String key) {
    for (String credential :
        List.of(
            "Bearer " + CANARY,
            "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0." + CANARY,
            "Bearer afk.default." + UUID.randomUUID() + "." + CANARY,
            "Bearer " + key + CANARY,
            "Basic " + CANARY,
            CANARY)) {
      assertThat(ask("GET", "/v1/workflows", "", "Authorization", credential).statusCode())
          .isIn(400, 401);
    }
    assertThat(ask("GET", "/v1/workflows", "", "Authorization", "Bearer " + key).statusCode())
        .isEqualTo(200);
  }

  private static void oddHeadersQueriesAndPaths(String workflow) {
    for (String header :
        List.of("Accept", "AF-Consistent-With", "If-Match", "Last-Event-ID", "X-Any", "Cookie")) {
      ask("GET", "/v1/workflows", "", header, CANARY);
    }
    for (String path :
        List.of(
            "/v1/workflows?status=" + encoded(),
            "/v1/workflows?cursor=" + encoded(),
            "/v1/workflows?limit=" + encoded(),
            "/v1/workflows?" + encoded() + "=%zz",
            "/v1/workflows/" + encoded(),
            "/v1/workflows/" + workflow + "/state?at=" + encoded(),
            "/v1/workflows/" + workflow + "/plan?version=" + CANARY,
            "/" + encoded(),
            "/docs/" + encoded(),
            "/problems/" + encoded())) {
      try {
        ask("GET", path, "");
      } catch (IllegalArgumentException e) {
        assertThat(path).contains("%zz"); // no client would send it; Wire does
      }
    }
  }

  private static void bodiesThatAreNone() {
    String json = "application/json";
    for (String body :
        List.of(
            "{\"name\":\"" + text(),
            "{\"" + text() + "\":1}",
            "{\"name\":{\"" + text() + "\":1}}",
            "{\"name\":\"a\",\"intent\":\"b\",\"workflowId\":\"" + text() + "\"}",
            "{\"name\":\"a\",\"intent\":\"b\",\"labels\":\"" + text() + "\"}",
            CANARY,
            "\"" + text() + "\"",
            "{\"name\":\"" + CANARY.repeat(5_000) + "\"}")) {
      assertThat(ask("POST", "/v1/workflows", body, "Content-Type", json).statusCode())
          .as(body)
          .isBetween(400, 499);
    }
    ask("POST", "/v1/workflows", "{}", "Content-Type", CANARY);
    ask("POST", "/v1/workflows", CANARY, "Content-Type", "text/" + CANARY);
    ask(
        "POST",
        "/v1/workflows",
        "a=" + CANARY,
        "Content-Type",
        "application/x-www-form-urlencoded");
  }

  private static void bytesThatAreNoRequest() throws IOException {
    URI address = server.request("/").build().uri();
    for (String bytes :
        List.of(
            CANARY + " / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /\\" + CANARY + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /v1/workflows?" + CANARY + "=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /v1/health HTTP/9." + CANARY + "\r\n\r\n",
            "GET /v1/health HTTP/1.1\r\nHost: " + CANARY + ":" + CANARY + "\r\n\r\n",
            "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n"
                + CANARY
                + " x: "
                + CANARY
                + "\r\n\r\n",
            "POST /v1/workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                + CANARY
                + "\r\n\r\n",
            "POST /v1/workflows HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                + CANARY
                + "\r\n\r\n",
            "GET /" + CANARY.repeat(2_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
      Wire.exchange(address, bytes);
    }
  }

  /** The database is made to fail over what was sent, and to quote it. */
  private static void failures(String workflow) throws SQLException {
    try (Connection owner = server.connectAsOwner(server.databasePassword());
        Statement statement = owner.createStatement()) {
      statement.execute(
          "alter table log.events add constraint dislikes check (payload::text not like '%"
              + "dislike%') not valid");
      assertThat(message(workflow, "dislike " + text())).isEqualTo(503);
      statement.execute("alter table log.events drop constraint dislikes");

      statement.execute(
          """
          create function log.quotes() returns trigger language plpgsql as $$
          begin
            raise exception E'cannot take "%%"\\n%s', new.payload::text;
          end $$"""
              .formatted(FORGED));
      statement.execute(
          "create trigger quotes before insert on log.events for each row execute function"
              + " log.quotes()");
      // What the owner's own trigger says is in the database's own log; not so in ours.
      assertThat(message(workflow, "quote")).isEqualTo(503);
      statement.execute("drop trigger quotes on log.events");

      statement.execute("alter table views.workflows rename to elsewhere");
      assertThat(ask("GET", "/v1/workflows?label=team:" + CANARY, "").statusCode()).isEqualTo(503);
      statement.execute("alter table views.elsewhere rename to workflows");
    }
    assertThat(message(workflow, "all is well " + text())).isEqualTo(200);
  }

  private static int message(String workflow, String content) {
    return ask(
            "POST",
            "/v1/workflows/" + workflow + "/messages",
            "{\"messageId\":\"%s\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\",\"content\":\"%s\"}"
                .formatted(UUID.randomUUID(), content),
            "Content-Type",
            "application/json")
        .statusCode();
  }
}

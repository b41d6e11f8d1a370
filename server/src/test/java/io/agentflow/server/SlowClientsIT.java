package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.SlowSocket.Ended;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server that waits for nobody, and clients who have all the time in the world. */
class SlowClientsIT {

  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(2);
  private static final Duration HEADERS = Duration.ofSeconds(1);
  private static final Duration BODY = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(1);
  private static final int IN_FLIGHT = 3;

  private static final Duration OFTEN = Duration.ofMillis(100);

  /** Until a look, and for a machine that does other things as well. */
  private static final Duration SLACK = Duration.ofSeconds(4);

  private static final String WORKFLOW = "{\"name\":\"run\",\"intent\":\"do it\"}";

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server =
        ServerProcess.start(
            Map.of(
                "AF_CLIENT_SILENT_SECONDS", Long.toString(SILENCE.toSeconds()),
                "AF_KEEP_ALIVE_SECONDS", Long.toString(KEEP_ALIVE.toSeconds()),
                "AF_REQUEST_HEADERS_SECONDS", Long.toString(HEADERS.toSeconds()),
                "AF_REQUEST_BODY_SECONDS", Long.toString(BODY.toSeconds()),
                "AF_ANSWER_SECONDS", Long.toString(ANSWER.toSeconds()),
                "AF_REQUESTS_IN_FLIGHT", Integer.toString(IN_FLIGHT),
                "AF_COMMAND_BODY_LIMIT", "1MB"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** A request up to its body, which has a length that it will never reach. */
  private static String beginning(String... headers) {
    return "POST /v1/workflows HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + String.join("\r\n", headers)
        + "\r\n\r\n";
  }

  private static String authorization() {
    return "Authorization: " + server.bearer("default", "slow");
  }

  private static Ended trickling(String beginning, String piece) throws IOException {
    try (SlowSocket client = new SlowSocket(server.url())) {
      return client
          .send(beginning)
          .trickle(piece, OFTEN, SILENCE.plus(BODY).plus(ANSWER).plus(SLACK));
    }
  }

  /** Again until it was taken in at a time when all had their places. */
  private static Ended tricklingUntil(AtomicBoolean enough, String beginning, String piece)
      throws IOException {
    Ended ended = trickling(beginning, piece);
    while (ended.status() == 503 || !enough.get()) {
      ended = trickling(beginning, piece);
    }
    return ended;
  }

  /** Each in a thread of its own, at the same time. */
  private static List<Ended> trickling(Map<String, String> pieces) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Ended>> clients = new ArrayList<>();
      pieces.forEach(
          (beginning, piece) -> clients.add(threads.submit(() -> trickling(beginning, piece))));
      List<Ended> ended = new ArrayList<>();
      for (Future<Ended> client : clients) {
        ended.add(client.get());
      }
      return ended;
    }
  }

  private static void assertThatTooLate(Ended ended, Duration limit) {
    assertThat(ended.answer()).startsWith("HTTP/1.1 408 ").contains("/problems/request-timeout");
    assertThat(ended.answer()).containsIgnoringCase("Connection: close");
    assertThat(ended.after()).isBetween(limit.minus(OFTEN), limit.plus(SLACK));
  }

  @Test
  void headers_that_trickle_are_refused_when_their_time_is_over() throws Exception {
    assertThat(
            trickling(
                Map.of(
                    "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "a",
                    "GET /v1/hea", "l",
                    "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n", "")))
        .allSatisfy(ended -> assertThatTooLate(ended, HEADERS));
  }

  @Test
  void a_second_request_on_a_connection_has_no_more_time_than_the_first() throws IOException {
    Ended ended =
        trickling(
            "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/health HTTP/1.1\r\nX-Slow: ",
            "a");
    assertThat(ended.answer()).startsWith("HTTP/1.1 200 ").contains("HTTP/1.1 408 ");
    assertThat(ended.after()).isLessThan(HEADERS.plus(SLACK));
  }

  @Test
  void who_connects_and_says_nothing_or_has_nothing_more_to_ask_is_cut_off() throws IOException {
    Ended nothing = trickling("", "");
    assertThat(nothing.answer()).isEmpty();
    assertThat(nothing.after()).isBetween(SILENCE.minus(OFTEN), SILENCE.plus(SLACK));

    Ended idle = trickling("GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n", "");
    assertThat(idle.status()).isEqualTo(200);
    assertThat(idle.after()).isBetween(KEEP_ALIVE.minus(OFTEN), KEEP_ALIVE.plus(SLACK));
  }

  @Test
  void bodies_that_trickle_take_all_places_and_give_them_back_and_append_nothing()
      throws Exception {
    long before = server.position();
    List<String> beginnings =
        List.of(
            beginning("Content-Length: 5000", authorization()) + "{",
            beginning("Content-Length: 5000", authorization()) + WORKFLOW,
            beginning("Transfer-Encoding: chunked", authorization()));
    AtomicBoolean enough = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Ended>> slow = new ArrayList<>();
      for (String beginning : beginnings) {
        String piece = beginning.contains("chunked") ? "1\r\n \r\n" : " ";
        for (int i = 0; i < 2; i++) {
          slow.add(threads.submit(() -> tricklingUntil(enough, beginning, piece)));
        }
      }
      try {
        awaitStatus(503);
      } finally {
        enough.set(true);
      }
      for (Future<Ended> each : slow) {
        assertThatTooLate(each.get(), BODY);
      }
    }
    awaitStatus(200);
    assertThat(server.position()).isEqualTo(before);
  }

  @Test
  void a_body_that_stops_is_refused_and_others_are_served_meanwhile() throws Exception {
    long before = server.position();
    int others = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Ended> slow =
          threads.submit(
              () -> trickling(beginning("Content-Length: 5000", authorization()) + "{", ""));
      while (!slow.isDone()) {
        assertThat(server.post("/v1/workflows", WORKFLOW).statusCode()).isEqualTo(201);
        others++;
      }
      assertThatTooLate(slow.get(), SILENCE);
    }
    assertThat(others).isPositive();
    assertThat(server.position()).isEqualTo(before + others);
  }

  @Test
  void who_is_refused_by_the_headers_cannot_hold_the_connection_by_the_body() throws Exception {
    String beginning = beginning("Content-Length: 5000");
    assertThat(trickling(Map.of(beginning + "{", " ", beginning, "")))
        .allSatisfy(
            ended -> {
              assertThat(ended.status()).isEqualTo(401);
              assertThat(ended.after()).isLessThan(SILENCE.plus(SLACK));
            });
  }

  @Test
  void who_takes_an_answer_slowly_loses_it_and_its_place() throws Exception {
    String id = longHistory();
    List<SlowSocket> takers = new ArrayList<>();
    for (int i = 0; i < IN_FLIGHT; i++) {
      takers.add(
          new SlowSocket(server.url())
              .send(
                  "GET /v1/workflows/%s/history?limit=100 HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n"
                      .formatted(id, authorization())));
    }
    try {
      for (SlowSocket taker : takers) {
        assertThat(taker.take(12)).as("an answer has begun").isEqualTo("HTTP/1.1 200");
      }
      awaitStatus(503);
      long deadlineNanos = System.nanoTime() + ANSWER.plus(SLACK).toNanos();
      // Each takes more all the time, so that none is silent.
      while (server.get("/v1/workflows").statusCode() == 503) {
        assertThat(System.nanoTime()).as("given back in time").isLessThan(deadlineNanos);
        for (SlowSocket taker : takers) {
          taker.take(1_000);
        }
        LockSupport.parkNanos(OFTEN.toNanos());
      }
      assertThat(server.output()).contains("an answer is cut off");
    } finally {
      for (SlowSocket taker : takers) {
        taker.close();
      }
    }
  }

  /** More than the buffers between two sockets hold. */
  private static String longHistory() {
    String id =
        CanonicalJson.parse(server.post("/v1/workflows", WORKFLOW).body()).path("id").asText();
    assertThat(server.post("/v1/workflows/" + id + "/start", "").statusCode()).isEqualTo(200);
    String content = "x".repeat(900_000);
    for (int i = 0; i < 16; i++) {
      assertThat(
              server
                  .post(
                      "/v1/workflows/" + id + "/messages",
                      """
                      {"messageId":"m%d","role":"user","from":"a","to":"b","content":"%s"}"""
                          .formatted(i, content))
                  .statusCode())
          .isEqualTo(200);
    }
    return id;
  }

  @Test
  void a_query_that_the_database_does_not_answer_is_given_up_and_its_place_too() throws Exception {
    try (Connection owner = server.connectAsOwner(server.databasePassword());
        Statement statement = owner.createStatement()) {
      owner.setAutoCommit(false);
      statement.execute("lock table views.workflows in access exclusive mode");
      long begunNanos = System.nanoTime();
      HttpResponse<String> answer = server.get("/v1/workflows");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("/problems/unavailable");
      assertThat(Duration.ofNanos(System.nanoTime() - begunNanos))
          .isBetween(ANSWER.minus(OFTEN), ANSWER.plus(SLACK));
      owner.rollback();
    }
    awaitStatus(200);
  }

  /** Until somebody who only looks is answered so. */
  private static void awaitStatus(int status) {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (server.get("/v1/workflows").statusCode() != status) {
      assertThat(System.nanoTime()).as("%d in the end", status).isLessThan(deadlineNanos);
      LockSupport.parkNanos(10_000_000);
    }
  }
}

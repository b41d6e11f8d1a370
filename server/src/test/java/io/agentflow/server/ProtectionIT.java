package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server that takes little, and callers who ask much. */
class ProtectionIT {

  private static final int PER_SECOND = 20;
  private static final int IN_FLIGHT = 4;
  private static final String WORKFLOW = "{\"name\":\"run\",\"intent\":\"do it\"}";

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server =
        ServerProcess.start(
            Map.of(
                "AF_PRINCIPAL_REQUESTS_PER_SECOND", Integer.toString(PER_SECOND),
                "AF_REQUESTS_IN_FLIGHT", Integer.toString(IN_FLIGHT)));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String problem(HttpResponse<String> answer) {
    return CanonicalJson.parse(answer.body()).path("type").asText();
  }

  @Test
  void who_sends_too_much_is_told_when_to_go_on_and_others_are_served() throws Exception {
    HttpResponse<String> last = post("eve");
    int taken = 0;
    while (last.statusCode() == 201) {
      taken++;
      assertThat(taken).as("refused in the end").isLessThan(100 * PER_SECOND);
      last = post("eve");
    }
    assertThat(taken).isGreaterThanOrEqualTo(2 * PER_SECOND - 1);
    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(problem(last)).isEqualTo("/problems/rate-limited");
    assertThat(post("ada").statusCode()).as("another principal").isEqualTo(201);

    long seconds = Long.parseLong(last.headers().firstValue("Retry-After").orElseThrow());
    assertThat(seconds).isBetween(1L, 2L);
    Thread.sleep(seconds * 1_000);
    assertThat(post("eve").statusCode()).as("after a pause").isEqualTo(201);
  }

  private static HttpResponse<String> post(String actor) {
    return server.post("/v1/workflows", WORKFLOW, server.by(actor));
  }

  /** A look may have had the place for a moment. */
  private static HttpResponse<String> untilTaken(String actor) {
    HttpResponse<String> answer = post(actor);
    while (answer.statusCode() == 503) {
      answer = post(actor);
    }
    return answer;
  }

  /** The log is held up, so that what has begun does not end. */
  @Test
  void no_more_are_begun_than_the_node_holds_and_none_is_half_done() throws Exception {
    long before = server.position();
    List<Future<HttpResponse<String>>> begun = new ArrayList<>();
    int refused = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection owner = server.connectAsOwner(server.databasePassword());
        Statement statement = owner.createStatement()) {
      owner.setAutoCommit(false);
      statement.execute("select from log.head for update");
      for (int i = 0; i < IN_FLIGHT; i++) {
        String actor = "held" + i;
        begun.add(threads.submit(() -> untilTaken(actor)));
      }
      // They hold the places from when they have come in.
      long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (refused < 3) {
        assertThat(System.nanoTime()).as("refused in the end").isLessThan(deadlineNanos);
        Thread.sleep(100);
        HttpResponse<String> answer = server.get("/v1/workflows", server.by("looker"));
        refused += answer.statusCode() == 503 ? 1 : 0;
        if (answer.statusCode() == 503) {
          assertThat(problem(answer)).isEqualTo("/problems/unavailable");
          assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        }
      }
      owner.rollback();
    }
    for (Future<HttpResponse<String>> answer : begun) {
      assertThat(answer.get().statusCode()).isEqualTo(201);
    }
    assertThat(server.position()).isEqualTo(before + IN_FLIGHT);
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** More commands than the database takes: some wait, some are told to come again. */
class BackPressureIT {

  private static final int COMMANDS = 8;

  @Test
  void a_full_log_refuses_with_503_and_appends_what_it_had_taken() throws Exception {
    List<Integer> statuses = new ArrayList<>();
    try (ServerProcess server =
        ServerProcess.start(
            Map.of(
                "AF_LOG_QUEUE_UNITS", "2",
                "AF_LOG_BATCH_ENTRIES", "1",
                "AF_LOG_ENQUEUE_SECONDS", "1"))) {
      List<Future<HttpResponse<String>>> sent = new ArrayList<>();
      try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
          Connection holder = server.connectAsOwner(server.databasePassword());
          Statement statement = holder.createStatement()) {
        holder.setAutoCommit(false);
        statement.execute("select from log.head for update");
        for (int i = 0; i < COMMANDS; i++) {
          sent.add(
              clients.submit(
                  () -> server.post("/v1/workflows", "{\"name\":\"run\",\"intent\":\"do it\"}")));
        }
        awaitFirstAnswer(sent);
        holder.rollback();
        for (Future<HttpResponse<String>> command : sent) {
          HttpResponse<String> answer = command.get();
          statuses.add(answer.statusCode());
          if (answer.statusCode() == 503) {
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(answer.body()).contains("/problems/unavailable");
          }
        }
      }

      assertThat(statuses).containsOnly(201, 503).contains(201, 503);
      assertThat(server.position()).isEqualTo(statuses.stream().filter(s -> s == 201).count());
      assertThat(server.run("audit", "verify").exitCode()).isZero();
    }
  }

  /** While the head is held, only a refusal can be an answer. */
  private static void awaitFirstAnswer(List<Future<HttpResponse<String>>> sent)
      throws InterruptedException {
    for (int i = 0; i < 300 && sent.stream().noneMatch(Future::isDone); i++) {
      Thread.sleep(100);
    }
  }
}

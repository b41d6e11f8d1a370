package io.agentflow.cli.worker;

import static io.agentflow.cli.worker.ContractServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.cli.ApiClient;
import io.agentflow.cli.worker.ContractServer.Asked;
import io.agentflow.client.Refusal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop, against a server that speaks the contract; tools are the real ones or wait on call. */
@Timeout(60)
class WorkerTest {

  private static final WorkerSettings SETTINGS =
      new WorkerSettings(2, Duration.ofMillis(300), Duration.ofMillis(200), Duration.ofSeconds(30));
  private static final String AWAY = "the server does not answer; trying again until it does";
  private static final String BACK = "the server answers again";
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final ContractServer server = new ContractServer();
  private final StringWriter printed = new StringWriter();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private final AtomicInteger interrupted = new AtomicInteger();
  private final Worker worker = worker(SETTINGS, false);
  private final FutureTask<Void> running =
      new FutureTask<>(
          () -> {
            worker.run();
            return null;
          });

  /** Waits until the test lets it go on. */
  private String hold(JsonNode input, StepContext context) throws InterruptedException {
    mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
    try {
      release.await();
      return "held";
    } catch (InterruptedException e) {
      interrupted.incrementAndGet();
      throw e;
    } finally {
      atOnce.decrementAndGet();
    }
  }

  private Worker worker(WorkerSettings settings, boolean json) {
    Toolbox toolbox =
        new Toolbox(
            Map.<String, StepTool>of("echo", new EchoTool(), "hold", this::hold),
            RecordedAnswers.none());
    return new Worker(
        new ApiClient(server.uri(), "acme", 1),
        ContractServer.AGENT_ID,
        toolbox,
        settings,
        new WorkerLog(new PrintWriter(printed, true), json));
  }

  private void start() {
    Thread.startVirtualThread(running);
  }

  private static void until(java.util.function.BooleanSupplier condition)
      throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(5);
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    release.countDown();
    server.away = false;
    worker.stop(GRACE);
    server.close();
  }

  @Test
  void a_step_is_done_and_answered_in_the_agents_name() throws Exception {
    ObjectNode lease = ContractServer.lease("join", "tool").put("tool", "echo");
    lease.put("input", "{\"text\":\"got ${steps.fetch.result}\"}");
    lease.putObject("results").put("fetch", "it");
    server.ready(lease);
    start();

    Asked answer = server.nextAnswer();
    assertThat(answer.path())
        .isEqualTo("/v1/workflows/" + ContractServer.WORKFLOW_ID + "/steps/join/complete");
    assertThat(answer.actor()).isEqualTo("agent:" + ContractServer.AGENT_ID);
    assertThat(answer.body())
        .isEqualTo(
            json(
                """
                {"result":"{\\"text\\":\\"got it\\"}","leaseToken":"lease-join","tokens":0,"microDollars":0}
                """));
    until(() -> printed.toString().contains("completed join"));
    assertThat(server.keyed).as("its leases are what makes it safe to repeat").isFalse();
  }

  @Test
  void what_a_step_cannot_do_is_told_with_whether_another_attempt_may_help() throws Exception {
    server.ready("a", "no-such-tool", json("{}"));
    start();
    assertThat(server.nextAnswer().body())
        .isEqualTo(
            json(
                """
                {"reason":"this worker has no tool \\"no-such-tool\\"; it has [echo, hold]",
                 "retryable":false,"leaseToken":"lease-a","tokens":0,"microDollars":0}
                """));

    server.ready(ContractServer.lease("b", "agent"));
    assertThat(server.nextAnswer().verb()).isEqualTo("fail");
  }

  @Test
  void what_undoes_a_step_is_a_tool_whatever_the_step_was() throws Exception {
    server.ready(
        ContractServer.lease("a", "agent")
            .put("compensation", true)
            .put("tool", "echo")
            .put("input", "undone"));
    start();
    assertThat(server.nextAnswer().body().path("result").asText()).isEqualTo("undone");
  }

  @Test
  void no_more_steps_than_the_concurrency_run_at_once() throws Exception {
    for (int i = 0; i < 6; i++) {
      server.ready("s" + i, "hold", json("null"));
    }
    start();
    until(() -> atOnce.get() == 2);
    release.countDown();
    for (int i = 0; i < 6; i++) {
      assertThat(server.nextAnswer().verb()).isEqualTo("complete");
    }
    assertThat(mostAtOnce).hasValue(2);
    assertThat(server.asked())
        .filteredOn(asked -> asked.verb().equals("leases"))
        .allSatisfy(asked -> assertThat(asked.body().path("max").asInt()).isBetween(1, 2));
  }

  @Test
  void a_long_step_keeps_its_lease_by_heartbeats() throws Exception {
    server.ready("long", "hold", json("null"));
    start();
    until(() -> server.heartbeats() >= 3);
    release.countDown();
    assertThat(server.nextAnswer().verb()).isEqualTo("complete");
  }

  @Test
  void a_lost_lease_ends_the_work_quietly_and_the_next_step_is_taken() throws Exception {
    server.ready("lost", "hold", json("null"));
    start();
    until(() -> atOnce.get() == 1);
    server.takeAway("lost");
    until(() -> interrupted.get() == 1);
    server.ready("next", "echo", json("\"x\""));

    Asked answer = server.nextAnswer();
    assertThat(answer.path()).contains("/next/");
    until(() -> printed.toString().contains("lost      lost"));
  }

  @Test
  void an_answer_that_comes_too_late_is_noted_and_not_repeated() throws Exception {
    server.ready("late", "hold", json("null"));
    start();
    until(() -> atOnce.get() == 1);
    server.takeAway("late");
    release.countDown();
    server.ready("next", "echo", json("\"x\""));

    until(() -> printed.toString().contains("completed next"));
    until(() -> printed.toString().contains("lost      late"));
    assertThat(server.asked())
        .filteredOn(asked -> asked.path().endsWith("/late/complete"))
        .hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void a_server_that_was_away_gets_the_same_completion_again() throws Exception {
    server.ready("a", "hold", json("null"));
    start();
    until(() -> atOnce.get() == 1);
    server.away = true;
    release.countDown();
    until(
        () ->
            server.asked().stream().filter(asked -> asked.verb().equals("complete")).count() >= 2);
    server.away = false;

    assertThat(server.nextAnswer().body().path("result").asText()).isEqualTo("held");
    assertThat(server.asked())
        .filteredOn(asked -> asked.verb().equals("complete"))
        .extracting(Asked::body)
        .containsOnly(
            json(
                "{\"result\":\"held\",\"leaseToken\":\"lease-a\",\"tokens\":0,\"microDollars\":0}"));
    until(() -> printed.toString().contains(BACK));
    assertThat(printed.toString().lines().filter(line -> line.startsWith("the server")))
        .as("told once each time, not at each attempt")
        .isSubsetOf(AWAY, BACK)
        .startsWith(AWAY, BACK);
  }

  @Test
  void a_result_that_the_server_refuses_is_a_failure_for_good() throws Exception {
    server.resultCharsMax = 10;
    server.ready("a", "echo", json("\"more than ten characters\""));
    start();

    Asked answer = server.nextAnswer();
    assertThat(answer.verb()).isEqualTo("fail");
    assertThat(answer.body().path("reason").asText()).contains("above the limit");
    assertThat(answer.body().path("retryable").asBoolean()).isFalse();
  }

  @Test
  void a_step_that_takes_longer_than_its_plan_allows_may_be_tried_again() throws Exception {
    server.ready(
        ContractServer.lease("slow", "tool").put("tool", "hold").put("timeoutMillis", 100));
    start();

    Asked answer = server.nextAnswer();
    assertThat(answer.body().path("reason").asText()).isEqualTo("it took longer than its 100 ms");
    assertThat(answer.body().path("retryable").asBoolean()).isTrue();
    assertThat(interrupted).hasValue(1);
  }

  @Test
  void a_worker_that_is_told_to_stop_finishes_what_it_has_and_takes_no_more() throws Exception {
    server.ready("a", "hold", json("null"));
    start();
    until(() -> atOnce.get() == 1);
    FutureTask<Void> stopping =
        new FutureTask<>(
            () -> {
              worker.stop(GRACE);
              return null;
            });
    Thread.startVirtualThread(stopping);
    until(() -> server.heartbeats() >= 2);
    server.ready("b", "echo", json("\"x\""));
    release.countDown();

    stopping.get(10, TimeUnit.SECONDS);
    running.get(10, TimeUnit.SECONDS);
    assertThat(server.nextAnswer().path()).endsWith("/a/complete");
    assertThat(server.asked()).noneMatch(asked -> asked.path().contains("/b/"));
  }

  @Test
  void what_is_not_done_in_the_grace_is_given_back() throws Exception {
    server.ready("a", "hold", json("null"));
    start();
    until(() -> atOnce.get() == 1);
    worker.stop(Duration.ofMillis(50));

    Asked answer = server.nextAnswer();
    assertThat(answer.verb()).isEqualTo("give-back");
    assertThat(answer.body())
        .isEqualTo(json("{\"leaseToken\":\"lease-a\",\"tokens\":0,\"microDollars\":0}"));
    assertThat(interrupted).hasValue(1);
    running.get(10, TimeUnit.SECONDS);
  }

  @Test
  void a_step_that_is_given_to_a_worker_that_stops_is_given_back_at_once() throws Exception {
    Worker patient =
        worker(
            new WorkerSettings(
                1, Duration.ofSeconds(30), Duration.ofSeconds(50), Duration.ofSeconds(30)),
            false);
    FutureTask<Void> taking =
        new FutureTask<>(
            () -> {
              patient.run();
              return null;
            });
    Thread.startVirtualThread(taking);
    until(() -> server.waiting() == 1);
    server.atTheLastMoment = ContractServer.lease("late", "tool").put("tool", "hold");

    patient.stop(GRACE);

    Asked answer = server.nextAnswer();
    assertThat(answer.path()).endsWith("/late/give-back");
    assertThat(mostAtOnce).as("it was not begun").hasValue(0);
    taking.get(10, TimeUnit.SECONDS);
  }

  @Test
  void a_step_is_taken_for_a_short_while_and_kept_for_longer_once_it_has_arrived()
      throws Exception {
    Worker other =
        worker(
            new WorkerSettings(
                1, Duration.ofSeconds(60), Duration.ofMillis(200), Duration.ofSeconds(30)),
            false);
    FutureTask<Void> taking =
        new FutureTask<>(
            () -> {
              other.run();
              return null;
            });
    server.ready("long", "hold", json("null"));
    Thread.startVirtualThread(taking);
    until(() -> server.heartbeats() == 1);

    assertThat(leaseMillis("leases")).containsOnly(5_000L);
    assertThat(leaseMillis("heartbeat")).containsExactly(60_000L);
    release.countDown();
    other.stop(GRACE);
    taking.get(10, TimeUnit.SECONDS);
  }

  private List<Long> leaseMillis(String verb) {
    return server.asked().stream()
        .filter(asked -> asked.verb().equals(verb))
        .map(asked -> asked.body().path("leaseMillis").asLong())
        .toList();
  }

  @Test
  void a_fault_of_the_server_costs_neither_the_worker_nor_the_result() throws Exception {
    server.ready("a", "hold", json("null"));
    start();
    until(() -> atOnce.get() == 1);
    server.fails = true;
    release.countDown();
    until(() -> server.asked().stream().filter(it -> it.verb().equals("complete")).count() >= 2);
    server.fails = false;

    assertThat(server.nextAnswer().verb()).isEqualTo("complete");
    server.ready("b", "echo", json("\"x\""));
    assertThat(server.nextAnswer().path()).endsWith("/b/complete");
  }

  @Test
  void a_worker_stops_even_while_the_server_is_away() throws Exception {
    server.away = true;
    start();
    until(() -> !server.asked().isEmpty());
    worker.stop(Duration.ofMillis(50));
    running.get(10, TimeUnit.SECONDS);
  }

  @Test
  void a_suspended_agents_worker_waits_and_a_retired_ones_ends() throws Exception {
    server.agentStatus = "suspended";
    start();
    until(() -> printed.toString().contains("suspended"));
    server.agentStatus = "active";
    server.ready("a", "echo", json("\"x\""));
    assertThat(server.nextAnswer().verb()).isEqualTo("complete");

    server.agentStatus = "retired";
    assertThatThrownBy(() -> running.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(Refusal.class)
        .hasMessageContaining("retired");
  }

  @Test
  void lines_of_json_tell_the_same() throws Exception {
    server.ready("a", "no-such-tool", json("{}"));
    Worker other = worker(SETTINGS, true);
    Thread.startVirtualThread(
        () -> {
          try {
            other.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.nextAnswer();
    until(() -> printed.toString().contains("\n"));
    other.stop(GRACE);

    JsonNode line = json(printed.toString().lines().findFirst().orElseThrow());
    assertThat(line.path("outcome").asText()).isEqualTo("failed");
    assertThat(line.path("stepId").asText()).isEqualTo("a");
    assertThat(line.path("reason").asText()).contains("no-such-tool");
  }
}

package io.agentflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Workflows of steps that follow one another and do nothing, and the one agent that does them: all
 * over HTTP, as any client and any worker would.
 */
final class PlannedWork implements AutoCloseable {

  /**
   * Requests for steps that are open at once. More than workflows in flight: while one is answered
   * the next step may be ready already.
   */
  static final int REQUESTS = 96;

  private static final long DONE_WITHIN_SECONDS = 60;
  private static final String TAKE = "{\"max\":1,\"waitMillis\":2000,\"leaseMillis\":30000}";

  private final Http http;
  private final String agentId = newId();
  private final String lastStepId;
  private final String plan;
  private final String result;
  private final ConcurrentMap<String, CompletableFuture<String>> open = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable Map<StepKey, Instant>> receipts = new AtomicReference<>();
  private final List<Thread> taking = new ArrayList<>();
  private volatile boolean closing;

  /** A step of a workflow; here none is tried twice. */
  record StepKey(String workflowId, String stepId) {}

  PlannedWork(Http http, int steps, String result) throws IOException {
    this.http = http;
    this.lastStepId = "s" + steps;
    this.plan = plan(steps);
    this.result = result;
    http.post(
        "/v1/agents",
        """
        {"agentId": "%s", "name": "bench", "role": "worker", "tools": ["nothing"],
         "concurrency": %d}
        """
            .formatted(agentId, REQUESTS));
    for (int i = 0; i < REQUESTS; i++) {
      taking.add(Thread.ofVirtual().name("taking").start(this::takeSteps));
    }
  }

  private static String plan(int steps) {
    return IntStream.rangeClosed(1, steps)
        .mapToObj(
            step ->
                "{\"id\":\"s%d\",\"kind\":\"tool\",\"tool\":\"nothing\",\"needs\":[%s]}"
                    .formatted(step, step == 1 ? "" : "\"s" + (step - 1) + "\""))
        .collect(Collectors.joining(",", "{\"steps\":[", "]}"));
  }

  private static String newId() {
    return UuidCreator.getTimeOrderedEpochFast().toString();
  }

  /** One workflow from its submission until the server's own table says that it is complete. */
  void workflow() throws IOException, InterruptedException, ExecutionException, TimeoutException {
    String id = newId();
    CompletableFuture<String> done = new CompletableFuture<>();
    open.put(id, done);
    http.post("/v1/workflows", "{\"workflowId\":\"" + id + "\",\"name\":\"b\",\"intent\":\"b\"}");
    http.post("/v1/workflows/" + id + "/plan", plan);
    http.post("/v1/workflows/" + id + "/start", "{}");
    String position = done.get(DONE_WITHIN_SECONDS, TimeUnit.SECONDS);
    String found = http.get("/v1/workflows/" + id, "AF-Consistent-With", position).body();
    if (!CanonicalJson.parse(found).path("status").asText().equals("completed")) {
      throw new IllegalStateException("not completed: " + found);
    }
  }

  private void takeSteps() {
    while (!closing) {
      try {
        String answer = http.post("/v1/agents/" + agentId + "/leases", TAKE).body();
        Instant at = Instant.now();
        for (JsonNode lease : CanonicalJson.parse(answer).path("leases")) {
          StepKey step =
              new StepKey(lease.path("workflowId").asText(), lease.path("stepId").asText());
          Map<StepKey, Instant> noted = receipts.get();
          if (noted != null) {
            noted.put(step, at);
          }
          complete(step, lease.path("leaseToken").asText());
        }
      } catch (IOException | RuntimeException e) {
        if (!closing) {
          open.values().forEach(done -> done.completeExceptionally(e));
        }
      }
    }
  }

  private void complete(StepKey step, String leaseToken) throws IOException {
    Http.Answer answer =
        http.post(
            "/v1/workflows/" + step.workflowId() + "/steps/" + step.stepId() + "/complete",
            "{\"leaseToken\":\"%s\",\"result\":\"%s\",\"tokens\":0,\"microDollars\":0}"
                .formatted(leaseToken, result));
    if (step.stepId().equals(lastStepId)) {
      CompletableFuture<String> done = open.remove(step.workflowId());
      if (done != null) {
        done.complete(answer.header("AF-Position"));
      }
    }
  }

  /** Notes when each lease arrives, from now on. */
  void noteReceipts() {
    receipts.set(new ConcurrentHashMap<>());
  }

  /** When the worker had each step in its hands, since it was asked to note that. */
  Map<StepKey, Instant> receipts() {
    Map<StepKey, Instant> noted = receipts.getAndSet(null);
    return noted == null ? Map.of() : noted;
  }

  @Override
  public void close() {
    closing = true;
    taking.forEach(Thread::interrupt);
  }
}

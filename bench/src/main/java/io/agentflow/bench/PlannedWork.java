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

  /** Requests that the worker has open at once. */
  static final int REQUESTS = 6;

  /** Most steps that one request of the worker's answers and asks for. */
  static final int STEPS_A_REQUEST = 16;

  private static final long DONE_WITHIN_SECONDS = 60;
  private static final long WAIT_MILLIS = 2_000;

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
            .formatted(agentId, REQUESTS * STEPS_A_REQUEST));
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
    http.post(
        "/v1/workflows/launch",
        "{\"workflow\":{\"workflowId\":\"%s\",\"name\":\"b\",\"intent\":\"b\"},\"plan\":%s}"
            .formatted(id, plan));
    String position = done.get(DONE_WITHIN_SECONDS, TimeUnit.SECONDS);
    String found = http.get("/v1/workflows/" + id, "AF-Consistent-With", position).body();
    if (!CanonicalJson.parse(found).path("status").asText().equals("completed")) {
      throw new IllegalStateException("not completed: " + found);
    }
  }

  private void takeSteps() {
    List<JsonNode> leases = List.of();
    while (!closing) {
      try {
        List<JsonNode> next = leases.isEmpty() ? List.of() : answer(leases);
        int free = STEPS_A_REQUEST - next.size();
        leases = new ArrayList<>(next);
        if (free > 0) {
          leases.addAll(take(free, next.isEmpty() ? WAIT_MILLIS : 0));
        }
        note(leases);
      } catch (IOException | RuntimeException e) {
        leases = List.of();
        if (!closing) {
          open.values().forEach(done -> done.completeExceptionally(e));
        }
      }
    }
  }

  private List<JsonNode> take(int max, long waitMillis) throws IOException {
    String answer =
        http.post(
                "/v1/agents/" + agentId + "/leases",
                "{\"max\":%d,\"waitMillis\":%d,\"leaseMillis\":30000}".formatted(max, waitMillis))
            .body();
    List<JsonNode> leases = new ArrayList<>();
    CanonicalJson.parse(answer).path("leases").forEach(leases::add);
    return leases;
  }

  /** Completes all of them, and has the steps that follow. */
  private List<JsonNode> answer(List<JsonNode> leases) throws IOException {
    String answers =
        leases.stream()
            .map(
                lease ->
                    "{\"workflowId\":\"%s\",\"stepId\":\"%s\",\"leaseToken\":\"%s\",\"result\":\"%s\"}"
                        .formatted(
                            lease.path("workflowId").asText(),
                            lease.path("stepId").asText(),
                            lease.path("leaseToken").asText(),
                            result))
            .collect(
                Collectors.joining(",", "{\"next\":{\"leaseMillis\":30000},\"answers\":[", "]}"));
    JsonNode answered =
        CanonicalJson.parse(http.post("/v1/agents/" + agentId + "/answers", answers).body())
            .path("answers");
    List<JsonNode> next = new ArrayList<>();
    for (int i = 0; i < leases.size(); i++) {
      JsonNode one = answered.path(i);
      if (!one.path("problem").isNull()) {
        throw new IllegalStateException("refused: " + one);
      }
      if (one.path("lease").isObject()) {
        next.add(one.path("lease"));
      }
      if (leases.get(i).path("stepId").asText().equals(lastStepId)) {
        CompletableFuture<String> done = open.remove(one.path("workflowId").asText());
        if (done != null) {
          done.complete(one.path("position").asText());
        }
      }
    }
    return next;
  }

  private void note(List<JsonNode> leases) {
    Map<StepKey, Instant> noted = receipts.get();
    if (noted != null) {
      Instant at = Instant.now();
      leases.forEach(
          lease ->
              noted.put(
                  new StepKey(lease.path("workflowId").asText(), lease.path("stepId").asText()),
                  at));
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

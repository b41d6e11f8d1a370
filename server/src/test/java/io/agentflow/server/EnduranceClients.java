package io.agentflow.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Clients that submit workflows of ten steps under ids of their own, and repeat each call until it
 * is answered. Every other workflow is a chain, the others fan out; every third has a budget.
 */
final class EnduranceClients implements AutoCloseable {

  static final int STEPS = 10;

  /** Of one agent's step; see {@link #ANSWERS}. */
  static final long TOKENS_A_WORKFLOW = 7;

  /** What the workers' model says: the last step of each workflow is an agent's. */
  static final String ANSWERS =
      """
      {"step":"s10","answer":"all is done","tokens":7,"microDollars":3}
      """;

  static final String CAPABILITY = "closing";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int CLIENTS = 6;
  private static final int BUDGETS = 4;
  private static final long LIMIT = 1_000_000_000_000L;
  private static final long PAUSE_NANOS = 50_000_000;
  private static final int CONFLICT = 409;

  private final ServerProcess server;
  private final Outside outside;
  private final long seed;
  private final int openMax;
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger submitted = new AtomicInteger();
  private final AtomicInteger completed = new AtomicInteger();
  private final AtomicInteger repeated = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> clients = new ArrayList<>();

  /**
   * Clients of one server.
   *
   * @param openMax most workflows that are under way at once
   */
  EnduranceClients(ServerProcess server, Outside outside, long seed, int openMax) {
    this.server = server;
    this.outside = outside;
    this.seed = seed;
    this.openMax = openMax;
  }

  /** Opens the budgets, and then submits for as long as more is wanted. */
  void begin(BooleanSupplier wantsMore) {
    for (int i = 0; i < BUDGETS; i++) {
      send(
          "/v1/budgets",
          JSON.objectNode()
              .put("budgetId", id("budget", i))
              .put("name", "budget " + i)
              .put("limitTokens", LIMIT)
              .put("limitMicroDollars", LIMIT));
    }
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(threads.submit(() -> submitWhile(wantsMore)));
    }
  }

  private void submitWhile(BooleanSupplier wantsMore) {
    while (wantsMore.getAsBoolean()) {
      if (begun.get() - completed.get() >= openMax) {
        LockSupport.parkNanos(PAUSE_NANOS);
      } else {
        submit(begun.getAndIncrement());
        submitted.incrementAndGet();
      }
    }
  }

  private void submit(int number) {
    String workflowId = id("workflow", number);
    ObjectNode workflow =
        JSON.objectNode()
            .put("workflowId", workflowId)
            .put("name", "endure " + number)
            .put("intent", "be done in spite of everything");
    if (hasBudget(number)) {
      workflow.put("budgetId", id("budget", number / 3 % BUDGETS));
    }
    send("/v1/workflows", workflow);
    send(
        "/v1/workflows/" + workflowId + "/plan",
        plan(workflowId, number % 2 == 0, hasBudget(number)));
    send("/v1/workflows/" + workflowId + "/start", JSON.objectNode());
  }

  private ObjectNode plan(String workflowId, boolean chain, boolean estimated) {
    ObjectNode plan = JSON.objectNode().put("autonomy", "full_auto");
    ArrayNode steps = plan.putArray("steps");
    for (int i = 1; i <= STEPS; i++) {
      ObjectNode step = steps.addObject().put("id", "s" + i);
      ArrayNode needs = step.putArray("needs");
      if (i > 1 && (chain || i < STEPS)) {
        needs.add("s" + (chain ? i - 1 : 1));
      } else if (i > 1) {
        for (int branch = 2; branch < STEPS; branch++) {
          needs.add("s" + branch);
        }
      }
      if (i < STEPS) {
        step.put("kind", "tool")
            .put("tool", "http")
            .putObject("input")
            .put("method", "POST")
            .put("url", "http://%s/%s/s%d".formatted(outside.address(), workflowId, i));
      } else {
        step.put("kind", "agent")
            .put("capability", CAPABILITY)
            .put("input", "Say that it is done.");
      }
      if (estimated) {
        step.putObject("estimate").put("tokens", 10).put("microDollars", 5);
      }
    }
    return plan;
  }

  private String id(String kind, int number) {
    return UUID.nameUUIDFromBytes(
            "%s %d of %d".formatted(kind, number, seed).getBytes(StandardCharsets.UTF_8))
        .toString();
  }

  private void send(String path, ObjectNode body) {
    while (true) {
      try {
        HttpResponse<String> answer = server.post(path, body.toString(), server.by("client"));
        if (answer.statusCode() < 300) {
          return;
        }
        if (!isForTheMoment(answer)) {
          throw new AssertionError(path + ": " + answer.body());
        }
      } catch (UncheckedIOException e) {
        // Dead, or not yet there again: whether it was recorded the repetition tells.
      }
      repeated.incrementAndGet();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static boolean isForTheMoment(HttpResponse<String> answer) {
    return answer.statusCode() == 503
        || (answer.statusCode() == CONFLICT && answer.body().contains("concurrent-change"));
  }

  /** To be told how many workflows are over: that makes room for others. */
  void completed(int workflows) {
    completed.set(workflows);
  }

  /** What so many workflows spend on budgets, when each of their steps counts once. */
  static long tokensOnBudgets(int workflows) {
    return IntStream.range(0, workflows).filter(EnduranceClients::hasBudget).count()
        * TOKENS_A_WORKFLOW;
  }

  private static boolean hasBudget(int number) {
    return number % 3 == 0;
  }

  /** Workflows that were begun to be submitted. */
  int begun() {
    return begun.get();
  }

  /** Calls that had to be repeated. */
  int repeated() {
    return repeated.get();
  }

  /** Whether all that was begun is submitted and no more is wanted; throws what a client threw. */
  boolean areDone() throws Exception {
    for (Future<?> client : clients) {
      if (!client.isDone()) {
        return false;
      }
    }
    for (Future<?> client : clients) {
      client.get();
    }
    return true;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

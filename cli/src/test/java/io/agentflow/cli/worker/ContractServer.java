package io.agentflow.cli.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentflow.cli.SentToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The server's side of leases as its documentation has it, over real HTTP, with faults on call. */
final class ContractServer implements AutoCloseable {

  static final String AGENT_ID = "018f4e6a-0000-7000-8000-0000000000a1";
  static final String WORKFLOW_ID = "018f4e6a-0000-7000-8000-000000000001";

  private static final JsonMapper JSON = new JsonMapper();

  /** What was asked of the server, and in whose name. */
  record Asked(String path, String actor, JsonNode body) {
    String verb() {
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<JsonNode> ready = new LinkedBlockingQueue<>();
  private final BlockingQueue<Asked> answers = new LinkedBlockingQueue<>();
  private final List<Asked> all = new ArrayList<>();
  private final Set<String> held = ConcurrentHashMap.newKeySet();
  private final Map<String, JsonNode> recorded = new ConcurrentHashMap<>();
  private final AtomicInteger heartbeats = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();

  /** Whether any request had a key. */
  volatile boolean keyed;

  volatile boolean away;
  volatile boolean fails;

  /** Given to a request for steps that waits while waits are ended; nothing where it is null. */
  volatile @Nullable JsonNode atTheLastMoment;

  volatile String agentStatus = "active";
  volatile int resultCharsMax = Integer.MAX_VALUE;

  ContractServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Makes a step ready; its token is {@code lease-} and its id. */
  void ready(String stepId, String tool, JsonNode input) {
    ready(lease(stepId, "tool").put("tool", tool).set("input", input));
  }

  static ObjectNode lease(String stepId, String kind) {
    ObjectNode lease =
        JsonNodeFactory.instance
            .objectNode()
            .put("leaseToken", "lease-" + stepId)
            .put("workflowId", WORKFLOW_ID)
            .put("stepId", stepId)
            .put("attempt", 1)
            .put("kind", kind)
            .put("name", stepId + " by name")
            .put("timeoutMillis", 0)
            .put("compensation", false);
    lease.putObject("results");
    return lease;
  }

  void ready(JsonNode lease) {
    ready.add(lease);
  }

  /** Takes the step away from the worker that has it. */
  void takeAway(String stepId) {
    held.remove("lease-" + stepId);
  }

  /** Requests for steps that wait. */
  int waiting() {
    return waiting.get();
  }

  int heartbeats() {
    return heartbeats.get();
  }

  /** The next completion or failure that was accepted or refused. */
  Asked nextAnswer() throws InterruptedException {
    Asked next = answers.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no answer came; asked was " + asked());
    }
    return next;
  }

  List<Asked> asked() {
    synchronized (all) {
      return List.copyOf(all);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] sent = exchange.getRequestBody().readAllBytes();
      JsonNode body = sent.length == 0 ? JSON.createObjectNode() : JSON.readTree(sent);
      Asked asked =
          new Asked(
              path, SentToken.claims(exchange.getRequestHeaders()).path("sub").asText(), body);
      if (exchange.getRequestHeaders().containsKey("Idempotency-Key")) {
        keyed = true;
      }
      synchronized (all) {
        all.add(asked);
      }
      if (away) {
        return; // the connection breaks off without an answer
      }
      if (fails) {
        problem(exchange, 500, "internal", "a fault of ours");
        return;
      }
      switch (asked.verb()) {
        case "end-waits" -> endWaits(exchange);
        case "leases" -> leases(exchange, body);
        case "heartbeat" -> {
          heartbeats.incrementAndGet();
          withLease(exchange, body, "{\"leaseUntil\":\"2026-01-02T03:04:05Z\"}");
        }
        case "complete", "fail", "give-back" -> answer(exchange, asked);
        default ->
            respond(
                exchange,
                200,
                "{\"agentId\":\"%s\",\"id\":\"%s\",\"position\":1,\"name\":\"bot\",\"concurrency\":2,\"status\":\"%s\"}"
                    .formatted(AGENT_ID, AGENT_ID, agentStatus));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void leases(HttpExchange exchange, JsonNode body)
      throws IOException, InterruptedException {
    if (!agentStatus.equals("active")) {
      problem(exchange, 409, "wrong-state", "the agent is " + agentStatus);
      return;
    }
    ObjectNode given = JSON.createObjectNode();
    waiting.incrementAndGet();
    JsonNode first = ready.poll(body.path("waitMillis").asLong(), TimeUnit.MILLISECONDS);
    waiting.decrementAndGet();
    List<JsonNode> leases = new ArrayList<>();
    if (first != null && !first.isNull()) {
      leases.add(first);
      ready.drainTo(leases, body.path("max").asInt() - 1);
    }
    leases.forEach(lease -> held.add(lease.path("leaseToken").asText()));
    given.putArray("leases").addAll(leases);
    respond(exchange, 200, given.toString());
  }

  private void endWaits(HttpExchange exchange) throws IOException {
    JsonNode last = atTheLastMoment;
    for (int i = waiting.get(); i > 0; i--) {
      ready.add(last == null ? JsonNodeFactory.instance.nullNode() : last);
    }
    exchange.sendResponseHeaders(204, -1);
  }

  private void answer(HttpExchange exchange, Asked asked) throws IOException {
    String token = asked.body().path("leaseToken").asText();
    if (asked.body().path("result").asText().length() > resultCharsMax) {
      problem(exchange, 413, "body-too-large", "the body is above the limit");
      return;
    }
    JsonNode before = held.contains(token) ? recorded.putIfAbsent(token, asked.body()) : null;
    boolean taken = held.contains(token) && (before == null || before.equals(asked.body()));
    if (taken) {
      respond(exchange, 200, "{\"position\":1}");
    } else {
      problem(exchange, 409, "lease-lost", "the lease is another's by now");
    }
    answers.add(asked);
  }

  private void withLease(HttpExchange exchange, JsonNode body, String answer) throws IOException {
    if (held.contains(body.path("leaseToken").asText())) {
      respond(exchange, 200, answer);
    } else {
      problem(exchange, 409, "lease-lost", "the lease is another's by now");
    }
  }

  private static void problem(HttpExchange exchange, int status, String type, String detail)
      throws IOException {
    respond(
        exchange, status, "{\"type\":\"/problems/%s\",\"detail\":\"%s\"}".formatted(type, detail));
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

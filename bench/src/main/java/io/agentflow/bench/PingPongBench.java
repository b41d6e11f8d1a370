package io.agentflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.bench.Contest.Effort;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.util.FileSystemUtils;

/**
 * Two agents that live on NATS alone: one sends a message, by a command; the other hears it in the
 * stream and answers in the same way; the first hears the answer. So a round trip is two commands,
 * two entries of the log and two messages. Beside jnats alone, where it is two messages.
 */
final class PingPongBench {

  private static final int MESSAGES = 1_000;
  private static final int MESSAGES_QUICK = 100;
  private static final int CONCURRENCY = 10;
  private static final int PAYLOAD_CHARS = 1_024;

  /** By many at once: a server's first ten thousands of commands are slower, as it compiles. */
  private static final int WARM_UP_CLIENTS = 64;

  private static final int WARM_UP = 20_000;
  private static final int WARM_UP_QUICK = 100;

  /** So many round trips belong to one workflow. */
  private static final int CONVERSATION = 100;

  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(20);
  private static final String RAW = "jnats alone, by a stream";
  private static final String OURS = "messages of agents, by the log";
  private static final String PING = "ping-";
  private static final String PONG = "pong-";

  private final Connection bus;
  private final int warmUp;
  private final String filling;
  private final Map<String, CompletableFuture<Long>> awaited = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  private PingPongBench(Connection bus, int warmUp, int payloadChars) {
    this.bus = bus;
    this.warmUp = warmUp;
    this.filling = "x".repeat(payloadChars);
  }

  /** Sends a message from one to the other, by whatever way. */
  private interface Way {
    void send(String id, String from, String to) throws Exception;
  }

  static Result run(Effort effort, Options options) throws Exception {
    int messages = options.of("messages", effort.isQuick() ? MESSAGES_QUICK : MESSAGES);
    int concurrency = options.of("concurrency", CONCURRENCY);
    int payload = options.of("payload", PAYLOAD_CHARS);
    Path root = Path.of("..").toAbsolutePath().normalize();
    Path folder =
        Files.createTempDirectory(Files.createDirectories(root.resolve("bench/target")), "pong");
    try (NatsServerProcess nats = NatsServerProcess.start();
        BusConnection connection = BusConnection.to(nats.url());
        OurServer server = OurServer.unlimited(root, folder, Map.of("AF_BUS_URL", nats.url()))) {
      PingPongBench bench =
          new PingPongBench(connection.bus(), effort.isQuick() ? WARM_UP_QUICK : WARM_UP, payload);
      Map<String, Object> distribution = new ConcurrentHashMap<>();
      List<Figure> figures = new ArrayList<>();
      figures.add(bench.raw(messages, concurrency, distribution));
      figures.add(bench.ours(server, messages, concurrency, distribution));
      String version = connection.bus().getServerInfo().getVersion();
      Figure ours = figures.getLast();
      return new Result(
          "ping-pong",
          Machine.describe(),
          Machine.postgres(server.database()),
          Map.of(
              "natsServer", version,
              "roundTrips", messages,
              "concurrency", concurrency,
              "payloadChars", payload,
              "roundTripTimes", distribution),
          figures,
          List.of(
              Target.atMost("a round trip, p50", ours.p50Micros() / 1_000.0, 5, "ms"),
              Target.atMost("a round trip, p95", ours.p95Micros() / 1_000.0, 15, "ms"),
              Target.atMost(
                  "round trips that failed", (double) bench.failed.get(), 0, "round trips")));
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
  }

  private Figure measured(
      String name, Way way, int messages, int concurrency, Map<String, Object> distribution)
      throws Exception {
    Load.runTimes(WARM_UP_CLIENTS, warmUp, () -> roundTrip(way, new Latencies()));
    Latencies latencies = new Latencies();
    long startNanos = System.nanoTime();
    Load.runTimes(concurrency, messages, () -> roundTrip(way, latencies));
    distribution.put(name, latencies.distribution());
    return Figure.of(name, concurrency, 1, latencies.over(System.nanoTime() - startNanos));
  }

  private void roundTrip(Way way, Latencies kept) throws Exception {
    String id = Long.toString(numbers.incrementAndGet());
    CompletableFuture<Long> answered = new CompletableFuture<>();
    awaited.put(PONG + id, answered);
    long sentNanos = System.nanoTime();
    way.send(PING + id, "a", "b");
    try {
      kept.record(sentNanos, answered.get(ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      failed.incrementAndGet();
    }
    awaited.remove(PONG + id);
  }

  /** Answers each ping, on threads of its own; tells of each pong. */
  private final class Answering implements AutoCloseable {
    private final BlockingQueue<String> unanswered = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    void heard(String messageId, Way way) {
      if (messageId.startsWith(PING)) {
        threads.execute(() -> answer(messageId, way));
      } else {
        CompletableFuture<Long> waiting = awaited.get(messageId);
        if (waiting != null) {
          waiting.complete(System.nanoTime());
        }
      }
    }

    private void answer(String messageId, Way way) {
      try {
        way.send(PONG + messageId.substring(PING.length()), "b", "a");
      } catch (Exception e) {
        // Who waits for it fails the benchmark.
        unanswered.add(messageId + ": " + e);
      }
    }

    @Override
    public void close() {
      threads.shutdown();
      if (!unanswered.isEmpty()) {
        throw new IllegalStateException("not answered: " + unanswered);
      }
    }
  }

  private Figure raw(int messages, int concurrency, Map<String, Object> distribution)
      throws Exception {
    bus.jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name("RAW")
                .subjects("raw.*")
                .storageType(StorageType.File)
                .build());
    JetStream stream = bus.jetStream();
    Way way =
        (id, from, to) -> {
          CompletableFuture<PublishAck> _ =
              stream.publishAsync(
                  NatsMessage.builder()
                      .subject("raw." + to)
                      .headers(new Headers().put("Nats-Msg-Id", id))
                      .data(filling)
                      .build());
        };
    try (Answering answering = new Answering();
        Listener _ =
            Listener.to(
                bus,
                "RAW",
                "raw.*",
                message ->
                    answering.heard(
                        String.valueOf(message.getHeaders().getFirst("Nats-Msg-Id")), way))) {
      return measured(RAW, way, messages, concurrency, distribution);
    }
  }

  private Figure ours(
      OurServer server, int messages, int concurrency, Map<String, Object> distribution)
      throws Exception {
    String token = server.bearer();
    List<String> workflowIds = new ArrayList<>();
    for (int i = 0; i <= (warmUp + messages) / CONVERSATION; i++) {
      String workflowId = UuidCreator.getTimeOrderedEpochFast().toString();
      ask(
          "createWorkflow",
          token,
          workflowId,
          "{\"workflowId\":\"%s\",\"name\":\"talk\",\"intent\":\"i\"}".formatted(workflowId));
      ask("startWorkflow", token, workflowId, "");
      workflowIds.add(workflowId);
    }
    Way way =
        (id, from, to) ->
            ask(
                "recordMessage",
                token,
                workflowIds.get(Integer.parseInt(id.substring(PING.length())) % workflowIds.size()),
                """
                {"messageId":"%s","role":"assistant","from":"%s","to":"%s","content":"%s",
                 "tokens":1,"microDollars":1}"""
                    .formatted(id, from, to, filling));
    try (Answering answering = new Answering();
        Listener _ =
            Listener.to(
                bus,
                "AF_MESSAGES",
                "af.default.workflows.*.out",
                message -> answering.heard(messageId(message), way))) {
      return measured(OURS, way, messages, concurrency, distribution);
    }
  }

  private static String messageId(Message message) {
    JsonNode envelope = CanonicalJson.parse(new String(message.getData(), StandardCharsets.UTF_8));
    return envelope.path("payload").path("messageId").asText();
  }

  /** The service may still be about to begin. */
  private void ask(String operation, String token, String workflowId, String body)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + ANSWERED_WITHIN.toNanos();
    while (true) {
      Message reply =
          bus.request(
              NatsMessage.builder()
                  .subject("af.default.commands." + operation)
                  .headers(
                      new Headers()
                          .put("Authorization", token)
                          .put("AF-Param-workflowId", workflowId))
                  .data(body)
                  .build(),
              ANSWERED_WITHIN);
      if (reply != null && !reply.isStatusMessage()) {
        if (reply.getHeaders().containsKey("Nats-Service-Error")) {
          throw new IllegalStateException(
              operation + ": " + new String(reply.getData(), StandardCharsets.UTF_8));
        }
        return;
      }
      if (System.nanoTime() > deadlineNanos) {
        throw new IllegalStateException("no answer to " + operation);
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }
}

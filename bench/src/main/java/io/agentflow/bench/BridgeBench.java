package io.agentflow.bench;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.bench.Contest.Effort;
import io.agentflow.bridge.BridgeLoop;
import io.agentflow.bridge.BridgeSettings;
import io.agentflow.bridge.BridgeStatus.StreamStatus;
import io.agentflow.bridge.Bus;
import io.agentflow.bridge.StreamContent;
import io.agentflow.bridge.StreamContents;
import io.agentflow.bridge.StreamMessage;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.testing.TestDatabase;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.util.FileSystemUtils;

/**
 * A log is told to NATS: how fast, beside jnats alone that publishes the very same messages; and
 * how soon a consumer has what a command did.
 */
final class BridgeBench {

  private static final int MESSAGES = 100_000;
  private static final int MESSAGES_QUICK = 10_000;
  private static final int PAYLOAD_CHARS = 200;
  private static final int COMMANDS_PER_SECOND = 200;
  private static final Duration COMMANDS_FOR = Duration.ofSeconds(20);
  private static final Duration COMMANDS_FOR_QUICK = Duration.ofSeconds(3);
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration WARM_UP_QUICK = Duration.ofSeconds(1);
  private static final Duration RECEIVED_WITHIN = Duration.ofSeconds(20);
  private static final String RAW = "jnats alone, asynchronous, with message ids";
  private static final String RAW_HEADERS = "the same with the bridge's headers";
  private static final String OURS = "the bridge, from the log";
  private static final String RAW_STREAM = "RAW";

  private final int window;
  private final NatsServerProcess nats;
  private final Connection bus;
  private final AtomicLong lost = new AtomicLong();

  private BridgeBench(int window, NatsServerProcess nats, Connection bus) {
    this.window = window;
    this.nats = nats;
    this.bus = bus;
  }

  static Result run(Effort effort, Options options) throws Exception {
    int messages = options.of("messages", effort.isQuick() ? MESSAGES_QUICK : MESSAGES);
    int payload = options.of("payload", PAYLOAD_CHARS);
    int window = options.of("concurrency", BridgeSettings.DEFAULT.window());
    try (NatsServerProcess nats = NatsServerProcess.start();
        BusConnection connection = BusConnection.to(nats.url());
        TestDatabase database = TestDatabase.create();
        WorkflowsLog log = new WorkflowsLog(database.application(), payload)) {
      log.fill(messages);
      database.asOwner("vacuum analyze log.events");
      BridgeBench bench = new BridgeBench(window, nats, connection.bus());
      List<StreamMessage> told = bench.told(log);
      Contest contest = new Contest(effort);
      contest.once(RAW, told.size(), () -> bench.publish(told, false));
      contest.once(RAW_HEADERS, told.size(), () -> bench.publish(told, true));
      contest.once(OURS, told.size(), () -> bench.bridge(database, log, told.size()));
      List<Figure> figures = new ArrayList<>(contest.run());
      Latencies latencies = new Latencies();
      figures.add(
          effort.isQuick()
              ? bench.received(WARM_UP_QUICK, COMMANDS_FOR_QUICK, latencies)
              : bench.received(WARM_UP, COMMANDS_FOR, latencies));
      String server = connection.bus().getServerInfo().getVersion();
      Figures all = new Figures(figures);
      List<Target> targets = new ArrayList<>();
      for (Target ratio :
          List.of(
              beside("published, beside jnats alone", all, RAW),
              beside("published, beside the same with the headers", all, RAW_HEADERS))) {
        targets.add(ratio);
        targets.addAll(Baseline.compared("bridge", ratio));
      }
      targets.add(
          Target.atMost(
              "accepted to received, p50", figures.getLast().p50Micros() / 1_000.0, 5, "ms"));
      targets.add(
          Target.atMost(
              "accepted to received, p95", figures.getLast().p95Micros() / 1_000.0, 15, "ms"));
      targets.add(
          Target.atMost(
              "messages that were not received", (double) bench.lost.get(), 0, "messages"));
      return new Result(
          "bridge",
          Machine.describe(),
          Machine.postgres(database.application()),
          Map.of(
              "natsServer",
              server,
              "messages",
              told.size(),
              "meanBodyBytes",
              Math.round(told.stream().mapToInt(m -> m.body().length).average().orElse(0)),
              "window",
              window,
              "commandsPerSecond",
              COMMANDS_PER_SECOND,
              "acceptedToReceived",
              latencies.distribution()),
          figures,
          targets);
    }
  }

  private static Target beside(String what, Figures all, String peer) {
    return Target.atLeast(
        what, (double) all.of(OURS, 1).perSecond() / all.of(peer, 1).perSecond(), 0.8, "times");
  }

  /** What the bridge makes of the log. */
  private List<StreamMessage> told(WorkflowsLog log) {
    List<StreamMessage> told = new ArrayList<>();
    long after = 0;
    List<LogEntry> entries = log.reader().after(after, 1_000);
    while (!entries.isEmpty()) {
      for (LogEntry entry : entries) {
        for (StreamContent content : StreamContents.ALL) {
          content.message(entry, Long.MAX_VALUE).ifPresent(told::add);
        }
      }
      after = entries.getLast().position();
      entries = log.reader().after(after, 1_000);
    }
    return told;
  }

  private static NatsMessage raw(StreamMessage told, boolean withHeaders) {
    Headers headers = new Headers();
    if (withHeaders) {
      told.headers().forEach(headers::put);
    } else {
      headers.put("Nats-Msg-Id", told.id());
    }
    return NatsMessage.builder()
        .subject("raw." + told.subject())
        .headers(headers)
        .data(told.body())
        .build();
  }

  private void publish(List<StreamMessage> messages, boolean withHeaders) throws Exception {
    forgetStreams();
    bus.jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name(RAW_STREAM)
                .subjects("raw.>")
                .storageType(StorageType.File)
                .build());
    JetStream stream = bus.jetStream();
    Semaphore free = new Semaphore(window);
    AtomicLong refused = new AtomicLong();
    for (StreamMessage message : messages) {
      free.acquire();
      CompletableFuture<PublishAck> _ =
          stream
              .publishAsync(raw(message, withHeaders))
              .whenComplete(
                  (ack, failure) -> {
                    if (failure != null) {
                      refused.incrementAndGet();
                    }
                    free.release();
                  });
    }
    free.acquire(window);
    if (refused.get() > 0) {
      throw new IllegalStateException(refused + " messages were refused");
    }
  }

  private void forgetStreams() throws IOException, JetStreamApiException {
    JetStreamManagement management = bus.jetStreamManagement();
    for (String stream : management.getStreamNames()) {
      management.deleteStream(stream);
    }
  }

  /** All streams anew, until they have all that they tell. */
  private void bridge(TestDatabase database, WorkflowsLog log, long expected) throws Exception {
    forgetStreams();
    database.asOwner("delete from views.bridge_cursors");
    BridgeSettings standard = BridgeSettings.DEFAULT;
    try (Bus own = new Bus(Optional.of(nats.url()));
        BridgeLoop loop =
            new BridgeLoop(
                database.application(),
                log.reader(),
                log.tail(),
                own,
                new BridgeSettings(
                    window,
                    standard.ackTimeout(),
                    standard.pollInterval(),
                    standard.backoffMin(),
                    standard.backoffMax()))) {
      loop.start();
      long head = log.reader().headPosition();
      while (loop.status().position() < head) {
        TimeUnit.MILLISECONDS.sleep(25); // each look asks the server for all streams
      }
      long published = loop.status().streams().stream().mapToLong(StreamStatus::messages).sum();
      if (published != expected) {
        throw new IllegalStateException(published + " of " + expected + " messages");
      }
    }
  }

  /** From the answer to a command until a consumer of the stream has its message. */
  private Figure received(Duration warmUp, Duration duration, Latencies latencies)
      throws Exception {
    forgetStreams();
    Path root = Path.of("..").toAbsolutePath().normalize();
    Path folder =
        Files.createTempDirectory(Files.createDirectories(root.resolve("bench/target")), "bridge");
    Map<String, CompletableFuture<Long>> awaited = new ConcurrentHashMap<>();
    try (OurServer server = OurServer.unlimited(root, folder, Map.of("AF_BUS_URL", nats.url()));
        Listener _ =
            Listener.to(
                bus,
                "AF_MESSAGES",
                "af.default.workflows.*.out",
                message -> {
                  CompletableFuture<Long> arrival = awaited.get(message.getSubject());
                  if (arrival != null) {
                    arrival.complete(System.nanoTime());
                  }
                })) {
      CommandAndMessage once = new CommandAndMessage(server.http(), awaited, lost);
      Load.run(4, warmUp, () -> once.measure(new Latencies()));
      long startNanos = System.nanoTime();
      Load.paced(COMMANDS_PER_SECOND, duration, () -> once.measure(latencies));
      return Figure.of(
          "a command accepted, until its message is received",
          1,
          1,
          latencies.over(System.nanoTime() - startNanos));
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
  }

  private record CommandAndMessage(
      Http http, Map<String, CompletableFuture<Long>> awaited, AtomicLong lost) {

    void measure(Latencies kept) throws Exception {
      String id = UuidCreator.getTimeOrderedEpochFast().toString();
      String subject = "af.default.workflows." + id + ".out";
      CompletableFuture<Long> arrival = new CompletableFuture<>();
      awaited.put(subject, arrival);
      http.post(
          "/v1/workflows",
          "{\"workflowId\":\"%s\",\"name\":\"load\",\"intent\":\"i\"}".formatted(id));
      long acceptedNanos = System.nanoTime();
      try {
        kept.record(acceptedNanos, arrival.get(RECEIVED_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
      } catch (TimeoutException e) {
        lost.incrementAndGet();
      }
      awaited.remove(subject);
    }
  }
}

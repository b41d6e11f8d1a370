package io.agentflow.client;

import static io.agentflow.client.ScriptedServer.breaksOff;
import static io.agentflow.client.ScriptedServer.event;
import static io.agentflow.client.ScriptedServer.refuses;
import static io.agentflow.client.ScriptedServer.tells;
import static io.agentflow.client.ScriptedServer.tellsInPieces;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.client.ScriptedServer.Asked;
import io.agentflow.client.ScriptedServer.Line;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventStreamTest {

  private static final String BEGIN = "retry: 1000\nid: 5\n\n";
  private static final String CAUGHT_UP = "id: 5\nevent: caught-up\ndata: {\"through\":5}\n\n";

  private final List<ScriptedServer> servers = new ArrayList<>();

  private ScriptedServer serverThat(Line... lines) {
    ScriptedServer server = new ScriptedServer(lines);
    servers.add(server);
    return server;
  }

  /** Says its lines once it knows itself. */
  private ScriptedServer serverThatFallsSilentAfter(String some, Line... before) {
    ScriptedServer[] server = new ScriptedServer[1];
    Line[] lines = new Line[before.length + 1];
    System.arraycopy(before, 0, lines, 0, before.length);
    lines[before.length] = exchange -> server[0].fallsSilentAfter(some).answer(exchange);
    server[0] = serverThat(lines);
    return server[0];
  }

  @AfterEach
  void stop() {
    servers.forEach(ScriptedServer::close);
  }

  private static AgentFlowClient client(ScriptedServer server) {
    return AgentFlowClient.of(server.uri())
        .retries(
            new Retries(
                3, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(2), false))
        .build();
  }

  private static List<Long> positions(EventStream events, int count) {
    List<Long> positions = new ArrayList<>();
    while (positions.size() < count && events.hasNext()) {
      positions.add(events.next().position());
    }
    return positions;
  }

  @Test
  void an_event_has_its_position_its_type_and_its_entry() {
    ScriptedServer server = serverThatFallsSilentAfter(BEGIN + event(7, "workflow.created"));
    try (EventStream events =
        client(server)
            .events(
                EventQuery.after(5)
                    .types("workflow.*", "budget.opened")
                    .ofWorkflow("w 1")
                    .ofAggregate("a"))) {
      Event event = events.next();
      assertThat(event.position()).isEqualTo(7);
      assertThat(event.type()).isEqualTo("workflow.created");
      assertThat(event.entry().path("position").asLong()).isEqualTo(7);
    }
    assertThat(server.asked().getFirst().request())
        .isEqualTo(
            "GET /v1/events?types=workflow.*%2Cbudget.opened&aggregateId=a&workflowId=w+1&from=5");
  }

  @Test
  void what_breaks_off_is_resumed_behind_what_was_told() {
    ScriptedServer server =
        serverThatFallsSilentAfter(
            "id: 12\n\n" + event(13, "d"),
            tells(BEGIN + CAUGHT_UP + event(7, "a") + "id: 8\nevent: b\nda"),
            breaksOff(),
            refuses(503, "unavailable"),
            tells("id: 7\n\n" + event(8, "b")),
            tells("id: 8\n\n: so far nothing more\nid: 11\n\n"),
            tells(
                "id: 11\n\n"
                    + event(12, "c")
                    + "id: 12\nevent: resume\ndata: {\"after\":12,\"reason\":\"slow\"}\n\n"));
    try (EventStream events = client(server).events(EventQuery.fromNow())) {
      assertThat(positions(events, 4)).containsExactly(7L, 8L, 12L, 13L);
    }
    assertThat(server.asked())
        .extracting(asked -> String.valueOf(asked.header("Last-Event-ID")))
        .containsExactly("null", "7", "7", "7", "8", "11", "12");
  }

  @Test
  void over_many_connections_each_event_is_told_once() {
    Map<Long, String> log = new TreeMap<>();
    for (long position = 1; position <= 500; position += 1 + position % 3) {
      log.put(position, "a");
    }
    AtomicBoolean midst = new AtomicBoolean();
    Line pieces = tellsInPieces(log, 7, midst);
    ScriptedServer server =
        serverThat(
            exchange -> {
              midst.set(!midst.get());
              pieces.answer(exchange);
            });
    try (EventStream events = client(server).events(EventQuery.after(0))) {
      assertThat(positions(events, log.size())).containsExactlyElementsOf(log.keySet());
    }
    assertThat(server.asked()).hasSizeGreaterThan(20);
  }

  @Test
  void silence_counts_as_a_break() {
    AtomicInteger connections = new AtomicInteger();
    ScriptedServer[] server = new ScriptedServer[1];
    server[0] =
        serverThat(
            exchange ->
                server[0]
                    .fallsSilentAfter(
                        connections.incrementAndGet() == 1
                            ? BEGIN + event(7, "a")
                            : "id: 7\n\n" + event(8, "b"))
                    .answer(exchange));
    AgentFlowClient client =
        client(server[0]).toBuilder().silenceMax(Duration.ofSeconds(1)).build();
    try (EventStream events = client.events(EventQuery.fromNow())) {
      assertThat(positions(events, 2)).containsExactly(7L, 8L);
    }
    assertThat(server[0].asked())
        .extracting(asked -> String.valueOf(asked.header("Last-Event-ID")))
        .startsWith("null")
        .endsWith("7");
  }

  @Test
  void a_query_until_now_ends_where_the_log_ended() {
    ScriptedServer server =
        serverThatFallsSilentAfter(BEGIN + event(3, "a") + event(4, "b") + CAUGHT_UP);
    try (EventStream events = client(server).events(EventQuery.after(0).untilNow())) {
      assertThat(positions(events, 10)).containsExactly(3L, 4L);
      assertThat(events.hasNext()).isFalse();
      assertThatThrownBy(events::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void a_query_until_now_does_not_wait_for_ever() {
    ScriptedServer server = serverThat(tells(BEGIN), tells("id: 5\n\n"));
    try (EventStream events = client(server).events(EventQuery.after(5).untilNow())) {
      assertThatThrownBy(events::hasNext).isInstanceOf(ServerUnreachable.class);
    }
  }

  @Test
  void closing_ends_whoever_waits() throws Exception {
    ScriptedServer silent = serverThatFallsSilentAfter(BEGIN);
    EventStream waiting = client(silent).events(EventQuery.fromNow());
    ScriptedServer away = serverThat(tells(BEGIN), breaksOff());
    EventStream resuming = client(away).events(EventQuery.fromNow());
    for (EventStream events : List.of(waiting, resuming)) {
      FutureTask<Boolean> reading = new FutureTask<>(events::hasNext);
      Thread thread = Thread.ofVirtual().start(reading);
      while (thread.getState() == Thread.State.RUNNABLE || thread.getState() == Thread.State.NEW) {
        Thread.onSpinWait();
      }
      events.close();
      assertThat(reading.get(5, TimeUnit.SECONDS)).isFalse();
      assertThat(events.hasNext()).isFalse();
    }
  }

  @Test
  void a_refusal_ends_a_stream_before_and_after_it_began() {
    ScriptedServer never = serverThat(refuses(422, "invalid-field"));
    assertThatThrownBy(() -> client(never).events(EventQuery.fromNow()))
        .isInstanceOf(Refusal.class);

    ScriptedServer later = serverThat(tells(BEGIN), refuses(401, "unauthenticated"));
    try (EventStream events = client(later).events(EventQuery.fromNow())) {
      assertThatThrownBy(events::hasNext).isInstanceOf(Refusal.class);
    }
  }

  @Test
  void a_stream_that_does_not_begin_is_told() {
    ScriptedServer server = serverThat(tells(""));
    assertThatThrownBy(() -> client(server).events(EventQuery.fromNow()))
        .isInstanceOf(ServerUnreachable.class);
    assertThat(server.asked()).extracting(Asked::request).hasSize(3);
  }

  /** 64 MB are there to be read; what is not wanted has to stay with the server. */
  @Test
  void what_is_not_read_is_not_fetched() throws Exception {
    AtomicLong written = new AtomicLong();
    CountDownLatch isFull = new CountDownLatch(1);
    byte[] padding = (": " + "x".repeat(65_534) + "\n").getBytes(StandardCharsets.UTF_8);
    ScriptedServer server =
        serverThat(
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              exchange
                  .getResponseBody()
                  .write((BEGIN + event(7, "a")).getBytes(StandardCharsets.UTF_8));
              for (int i = 0; i < 1_024; i++) {
                exchange.getResponseBody().write(padding);
                written.addAndGet(padding.length);
              }
              isFull.countDown();
            });
    try (EventStream events = client(server).events(EventQuery.fromNow())) {
      assertThat(events.next().position()).isEqualTo(7);
      assertThat(isFull.await(2, TimeUnit.SECONDS)).as("all of it was taken").isFalse();
      assertThat(written.get()).isLessThan(32L << 20);
    }
  }
}

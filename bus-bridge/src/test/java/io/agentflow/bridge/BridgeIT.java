package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.bridge.BridgeStatus.State;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.nats.client.Connection;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BridgeIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final BridgeSettings SETTINGS =
      new BridgeSettings(
          32,
          Duration.ofSeconds(5),
          Duration.ofMillis(100),
          Duration.ofMillis(100),
          Duration.ofMillis(500));

  private TestDatabase database;
  private TestLog log;
  private NatsServerProcess nats;

  @BeforeEach
  void start() {
    database = TestDatabase.create();
    log = new TestLog(database);
    nats = NatsServerProcess.start();
  }

  @AfterEach
  void stop() {
    log.close();
    database.close();
    nats.close();
  }

  /** A bridge of one node. */
  private final class Node implements AutoCloseable {
    private final Bus bus;
    private final BridgeLoop loop;

    Node() {
      this(BusSettings.of(Optional.of(nats.url())));
    }

    Node(BusSettings settings) {
      bus = new Bus(settings);
      loop = new BridgeLoop(database.application(), log.reader(), log.tail(), bus, SETTINGS);
      loop.start();
    }

    @Override
    public void close() {
      loop.close();
      bus.close();
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still waiting until %s", what).isLessThan(deadlineNanos);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private void awaitPublished(Node node) {
    long head = log.reader().headPosition();
    await(
        "everything is published",
        () ->
            node.loop.status().state() == State.PUBLISHING
                && node.loop.status().position() == head);
  }

  private void append(int units) {
    for (int i = 0; i < units; i++) {
      log.append(i % 2 == 0 ? "acme" : "globex", UUID.randomUUID().toString(), 0, 5);
    }
  }

  private List<Message> messages(BusStream stream, String subject) throws Exception {
    List<Message> messages = new ArrayList<>();
    Connection connection = Nats.connect(nats.url());
    try {
      JetStreamSubscription subscription =
          connection
              .jetStream()
              .subscribe(
                  subject,
                  PushSubscribeOptions.builder().stream(stream.name())
                      .configuration(
                          ConsumerConfiguration.builder().deliverPolicy(DeliverPolicy.All).build())
                      .build());
      Message message = subscription.nextMessage(Duration.ofSeconds(2));
      while (message != null) {
        messages.add(message);
        message = subscription.nextMessage(Duration.ofMillis(300));
      }
    } finally {
      connection.close();
    }
    return messages;
  }

  /** The stream has exactly the log's entries, each once, in the log's order. */
  private void assertMirrored() throws Exception {
    List<String> expected =
        log.reader().after(0, 100_000).stream().map(LogEntry::eventId).map(UUID::toString).toList();
    assertThat(messages(BusStream.AF_MESSAGES, "af.*.workflows.*.*"))
        .extracting(message -> message.getHeaders().getFirst("Nats-Msg-Id"))
        .containsExactlyElementsOf(expected);
  }

  @Test
  void every_entry_is_published_once_and_in_order() throws Exception {
    append(40);
    try (Node node = new Node()) {
      append(40);
      awaitPublished(node);
      assertThat(node.loop.status().streams().getFirst().messages()).isEqualTo(400);
    }
    assertMirrored();
  }

  @Test
  void a_bus_that_was_killed_is_complete_once_it_is_back() throws Exception {
    try (Node node = new Node()) {
      append(20);
      awaitPublished(node);
      nats.kill();
      append(20);
      await("the bridge waits", () -> node.loop.status().state() == State.WAITING);
      nats.startAgain();
      append(20);
      awaitPublished(node);
    }
    assertMirrored();
  }

  /**
   * The stream itself says where to go on, whatever the cursor says and however much time passed.
   */
  @Test
  void a_bridge_that_lost_its_cursor_publishes_nothing_twice() throws Exception {
    append(30);
    try (Node node = new Node()) {
      awaitPublished(node);
    }
    database.asOwner("update views.bridge_cursors set position = 0, sequence = -1");
    append(10);
    try (Node node = new Node()) {
      awaitPublished(node);
    }
    assertMirrored();
  }

  @Test
  void a_second_node_stands_by_and_takes_over() throws Exception {
    Node first = new Node();
    append(20);
    awaitPublished(first);
    try (Node second = new Node()) {
      await("the second stands by", () -> second.loop.status().state() == State.STANDBY);
      append(10);
      awaitPublished(first);
      first.close();
      append(10);
      awaitPublished(second);
    }
    assertMirrored();
  }

  @Test
  void a_bridge_whose_database_connections_were_cut_goes_on() throws Exception {
    try (Node node = new Node()) {
      append(10);
      awaitPublished(node);
      database.asOwner(
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where datname = current_database() and pid <> pg_backend_pid()");
      await(
          "the log takes entries again",
          () -> {
            try {
              append(10);
              return true;
            } catch (io.agentflow.eventstore.LogUnavailable e) {
              return false;
            }
          });
      awaitPublished(node);
    }
    assertMirrored();
  }

  @Test
  void without_a_bus_it_waits_and_says_how_to_give_it_one() {
    Bus none = new Bus(Optional.empty());
    try (BridgeLoop loop =
        new BridgeLoop(database.application(), log.reader(), log.tail(), none, SETTINGS)) {
      loop.start();
      await("it says so", () -> loop.status().detail().contains("AF_BUS_URL"));
      assertThat(loop.status().state()).isEqualTo(State.WAITING);
    }
  }
}

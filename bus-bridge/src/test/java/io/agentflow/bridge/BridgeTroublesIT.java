package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.bridge.BridgeStatus.State;
import io.agentflow.bridge.BridgeStatus.StreamStatus;
import io.agentflow.bridge.BusClient.Stored;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.nats.client.api.CompressionOption;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bus that is not there, full, or refuses: the log takes entries all the same, the status says
 * why, the other streams go on, and what waited is all told in the end.
 */
class BridgeTroublesIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final BridgeSettings SETTINGS =
      new BridgeSettings(
          32,
          Duration.ofSeconds(2),
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
    nats = NatsServerProcess.absent();
  }

  @AfterEach
  void stop() {
    log.close();
    database.close();
    nats.close();
  }

  private void nats(String configuration) {
    nats.configure(configuration);
    nats.startAgain();
  }

  private BusSettings settings() {
    return BusSettings.of(Optional.of(nats.url()));
  }

  private BridgeLoop bridge(BusSettings settings) {
    BridgeLoop loop =
        new BridgeLoop(
            database.application(), log.reader(), log.tail(), new Bus(settings), SETTINGS);
    loop.start();
    return loop;
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still waiting until %s", what).isLessThan(deadlineNanos);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private void awaitPublished(BridgeLoop bridge) {
    long head = log.reader().headPosition();
    await(
        "everything is published: " + bridge.status(),
        () -> bridge.status().state() == State.PUBLISHING && bridge.status().position() == head);
  }

  private static StreamStatus stream(BridgeLoop bridge, BusStream stream) {
    return bridge.status().streams().stream()
        .filter(status -> status.name().equals(stream.name()))
        .findFirst()
        .orElseThrow();
  }

  /** Entries for each of the streams. */
  private void append(int rounds) {
    for (int i = 0; i < rounds; i++) {
      log.append("acme", UUID.randomUUID().toString(), 0, 3);
      call("x".repeat(100));
      log.append(
          "globex", "budget", UUID.randomUUID().toString(), new TestLog.Noted("reserved", i));
    }
  }

  private void call(String arguments) {
    log.append(
        "acme", "workflow", UUID.randomUUID().toString(), new TestLog.Called("search", arguments));
  }

  private void assertWhole() throws Exception {
    new MirrorCheck(log.reader(), nats.url()).assertWhole();
  }

  @Test
  void each_entry_is_in_exactly_one_stream_with_the_headers_of_the_contract() throws Exception {
    nats("");
    append(50);
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
      assertThat(bridge.status().serverVersion()).isNotBlank();
      assertThat(bridge.status().streams())
          .allSatisfy(
              status -> {
                assertThat(status.circuit()).isEqualTo(Circuit.HEALTHY);
                assertThat(status.lag()).isZero();
                assertThat(status.settingsNotTaken()).isEmpty();
              });
    }
    assertWhole();
    try (BusClient client = BusClient.at(nats.url())) {
      Stored first = client.stored("AF_TOOLS", 1);
      assertThat(first.subject()).isEqualTo("af.acme.tools.calls");
      Map<String, String> headers =
          Map.of(
              "AF-Event-Type", "workflow.tool-called",
              "AF-Position", "4",
              "ce-specversion", "1.0",
              "ce-type", "io.agentflow.workflow.tool-called",
              "ce-source", "/tenants/acme",
              "ce-datacontenttype", "application/json",
              "ce-dataschema", "urn:agentflow:envelope");
      headers.forEach((name, value) -> assertThat(first.header(name)).as(name).isEqualTo(value));
      assertThat(first.header("ce-id")).isEqualTo(first.header("Nats-Msg-Id"));
      assertThat(first.header("ce-time")).matches("20\\d\\d-.*T.*\\.\\d{6}Z");
      assertThat(first.header("ce-subject")).matches("workflows/[0-9a-f-]{36}");
    }
  }

  @Test
  void a_bus_that_is_absent_at_the_start_is_told_everything_once_it_comes() throws Exception {
    try (BridgeLoop bridge = bridge(settings())) {
      append(20);
      await(
          "each stream's circuit is open",
          () ->
              bridge.status().streams().stream()
                  .allMatch(status -> status.circuit().state() == Circuit.State.OPEN));
      assertThat(bridge.status().state()).isEqualTo(State.WAITING);
      assertThat(bridge.status().detail()).contains(nats.url());
      assertThat(stream(bridge, BusStream.AF_TOOLS).circuit().until()).isNotNull();
      assertThat(stream(bridge, BusStream.AF_TOOLS).lag()).isEqualTo(100);
      nats.startAgain();
      append(5);
      awaitPublished(bridge);
      assertThat(stream(bridge, BusStream.AF_TOOLS).retries()).isPositive();
    }
    assertWhole();
  }

  @Test
  void a_stream_that_is_full_holds_up_no_other_and_loses_nothing() throws Exception {
    nats("");
    BusSettings full =
        new BusSettings(
                settings().url(),
                Optional.empty(),
                Map.of(),
                1,
                Duration.ofMinutes(2),
                BusSettings.WhenFull.REFUSE,
                false)
            .with(BusStream.AF_TOOLS, new StreamLimits(Duration.ofDays(1), 20_000));
    append(30);
    try (BridgeLoop bridge = bridge(full)) {
      await(
          "the stream is full",
          () -> stream(bridge, BusStream.AF_TOOLS).detail().contains("maximum bytes"));
      append(10);
      long head = log.reader().headPosition();
      await(
          "the other streams go on",
          () ->
              stream(bridge, BusStream.AF_MESSAGES).position() == head
                  && stream(bridge, BusStream.AF_SYSTEM).position() == head);
      assertThat(stream(bridge, BusStream.AF_TOOLS).position()).isLessThan(head);
      assertThat(bridge.status().state()).isEqualTo(State.WAITING);
    }
    try (BridgeLoop bridge =
        bridge(full.with(BusStream.AF_TOOLS, new StreamLimits(Duration.ofDays(1), 20_000_000)))) {
      awaitPublished(bridge);
    }
    assertWhole();
  }

  private static String permissions(String denied) {
    return """
    authorization {
      users = [{user: bridge, password: secret, permissions: {publish: {deny: [%s]}}},
               {user: reader, password: secret}]
    }
    """
        .formatted(denied);
  }

  @Test
  void a_stream_that_the_server_does_not_permit_holds_up_no_other_and_loses_nothing()
      throws Exception {
    nats(permissions("\"af.*.tools.>\""));
    String reader = nats.url().replace("//", "//reader:secret@");
    append(10);
    BusSettings settings =
        BusSettings.of(Optional.of(nats.url().replace("//", "//bridge:secret@")));
    try (BridgeLoop bridge = bridge(settings)) {
      await(
          "the status says what is not permitted",
          () ->
              stream(bridge, BusStream.AF_TOOLS)
                  .detail()
                  .contains("Permissions Violation for Publish to \"af.acme.tools.calls\""));
      append(5);
      long head = log.reader().headPosition();
      await(
          "the other streams go on",
          () ->
              stream(bridge, BusStream.AF_MESSAGES).position() == head
                  && stream(bridge, BusStream.AF_SYSTEM).position() == head);
      nats.kill();
      nats.configure(permissions(""));
      nats.startAgain();
      append(5);
      awaitPublished(bridge);
    }
    new MirrorCheck(log.reader(), reader).assertWhole();
  }

  @Test
  void who_may_not_log_in_is_told_so_and_the_password_is_not() {
    nats(permissions(""));
    append(1);
    try (BridgeLoop bridge =
        bridge(BusSettings.of(Optional.of(nats.url().replace("//", "//bridge:wrong@"))))) {
      await(
          "it says so",
          () ->
              bridge.status().detail().contains("Authorization Violation")
                  || bridge.status().detail().contains("uthentication"));
      assertThat(bridge.status().detail()).doesNotContain("wrong");
    }
  }

  /** A server that trusts an operator, and a file with a login that the operator's account gave. */
  @Test
  void a_file_of_credentials_logs_in(@TempDir Path folder) throws Exception {
    NatsOperator operator = NatsOperator.create();
    nats(operator.configuration());
    Path credentials = Files.writeString(folder.resolve("bridge.creds"), operator.credentials());
    append(3);
    BusSettings without = settings();
    try (BridgeLoop bridge = bridge(without)) {
      await("it is not let in", () -> bridge.status().detail().contains("uth"));
    }
    BusSettings with =
        new BusSettings(
            without.url(),
            Optional.of(credentials),
            without.limits(),
            1,
            without.duplicateWindow(),
            without.full(),
            false);
    try (BridgeLoop bridge = bridge(with)) {
      awaitPublished(bridge);
      assertThat(stream(bridge, BusStream.AF_TOOLS).messages()).isEqualTo(3);
    }
  }

  @Test
  void a_stream_that_was_deleted_is_told_from_the_start() throws Exception {
    nats("");
    append(30);
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
      try (BusClient client = BusClient.at(nats.url())) {
        client.management().deleteStream("AF_MESSAGES");
      }
      append(5);
      awaitPublished(bridge);
    }
    assertWhole();
  }

  /** As somebody might who guesses what our headers mean. */
  @Test
  void messages_of_others_neither_stop_it_nor_make_it_skip_anything() throws Exception {
    nats("");
    append(10);
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
    }
    try (BusClient client = BusClient.at(nats.url())) {
      client
          .connection()
          .jetStream()
          .publish(
              "af.acme.tools.calls",
              new Headers().add("Nats-Msg-Id", "foreign").add("AF-Position", "1000000"),
              "{}".getBytes(StandardCharsets.UTF_8));
    }
    append(10);
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
      try (BusClient client = BusClient.at(nats.url())) {
        client.connection().jetStream().publish("af.acme.tools.calls", new byte[0]);
      }
      append(10);
      awaitPublished(bridge);
      assertThat(stream(bridge, BusStream.AF_TOOLS).messages()).isEqualTo(32);
    }
    try (BusClient client = BusClient.at(nats.url())) {
      client.management().deleteMessage("AF_TOOLS", 11);
      client.management().deleteMessage("AF_TOOLS", 22);
      List<Long> positions =
          java.util.stream.LongStream.rangeClosed(1, 32)
              .filter(sequence -> sequence != 11 && sequence != 22)
              .mapToObj(sequence -> client.stored("AF_TOOLS", sequence).header("AF-Position"))
              .map(Long::valueOf)
              .toList();
      assertThat(positions).hasSize(30).isSorted().doesNotHaveDuplicates();
    }
  }

  /** What stands where one of ours was refused must not let the next one pass. */
  @Test
  void messages_of_others_among_ours_make_no_hole() throws Exception {
    nats("");
    append(1);
    try (BridgeLoop bridge = bridge(settings());
        BusClient client = BusClient.at(nats.url())) {
      awaitPublished(bridge);
      for (int round = 0; round < 40; round++) {
        append(10);
        for (int i = 0; i < 3; i++) {
          client.connection().publish("af.acme.tools.calls", new byte[0]);
        }
      }
      awaitPublished(bridge);
      long last = stream(bridge, BusStream.AF_TOOLS).lastSequence();
      List<String> ours =
          java.util.stream.LongStream.rangeClosed(1, last)
              .mapToObj(sequence -> client.stored("AF_TOOLS", sequence).header("AF-Position"))
              .filter(position -> !position.equals("null"))
              .toList();
      assertThat(last).as("others have published too").isGreaterThan(ours.size());
      assertThat(ours)
          .containsExactlyElementsOf(
              log.reader().after(0, 10_000).stream()
                  .filter(entry -> entry.eventType().equals("workflow.tool-called"))
                  .map(entry -> Long.toString(entry.position()))
                  .toList());
    }
  }

  /** The cursor is lost while the server still knows the ids, and the last message is gone. */
  @Test
  void what_the_bus_knows_already_is_passed_over() throws Exception {
    nats("");
    append(10);
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
    }
    database.asOwner("update views.bridge_cursors set position = 0, sequence = -1");
    try (BusClient client = BusClient.at(nats.url())) {
      client.management().deleteMessage("AF_TOOLS", 10);
    }
    append(10);
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
      assertThat(stream(bridge, BusStream.AF_TOOLS).duplicatesRefused()).isEqualTo(1);
      assertThat(stream(bridge, BusStream.AF_TOOLS).messages()).isEqualTo(19);
    }
  }

  @Test
  void an_event_above_the_servers_limit_is_told_as_a_reference() throws Exception {
    nats("max_payload: 8KB");
    call("short");
    call("l".repeat(10_000));
    call("short again");
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
    }
    try (BusClient client = BusClient.at(nats.url())) {
      Stored large = client.stored("AF_TOOLS", 2);
      var reference = CanonicalJson.parse(large.body()).at("/payload/reference");
      assertThat(reference.path("position").asLong()).isEqualTo(2);
      assertThat(reference.path("hash").asText())
          .isEqualTo(log.reader().after(1, 1).getFirst().hash().hex());
      assertThat(client.stored("AF_TOOLS", 3).header("AF-Position")).isEqualTo("3");
    }
  }

  @Test
  void a_stream_that_somebody_repairs_is_left_alone_until_that_is_over() throws Exception {
    nats("");
    append(5);
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
      try (BridgeHold hold =
          BridgeHold.take(database.application(), BusStream.AF_TOOLS, Duration.ofSeconds(10))) {
        hold.check();
        append(5);
        await("it stands by", () -> stream(bridge, BusStream.AF_TOOLS).state() == State.STANDBY);
        await(
            "the others go on",
            () -> stream(bridge, BusStream.AF_MESSAGES).position() == log.reader().headPosition());
        assertThat(stream(bridge, BusStream.AF_TOOLS).position()).isEqualTo(25);
        assertThatThrownBy(
                () ->
                    BridgeHold.take(
                        database.application(), BusStream.AF_TOOLS, Duration.ofMillis(200)))
            .isInstanceOf(BusFailure.class);
      }
      awaitPublished(bridge);
    }
    assertWhole();
  }

  @Test
  void settings_that_the_server_did_not_take_are_told() throws Exception {
    nats("");
    BusSettings wanted =
        new BusSettings(
            settings().url(),
            Optional.empty(),
            Map.of(),
            3,
            Duration.ofSeconds(30),
            BusSettings.WhenFull.FORGET_OLDEST,
            true);
    append(1);
    try (BridgeLoop bridge = bridge(wanted)) {
      awaitPublished(bridge);
      List<String> notTaken = stream(bridge, BusStream.AF_MESSAGES).settingsNotTaken();
      assertThat(notTaken).contains("num_replicas: asked for 3, is 1");
      boolean old = String.valueOf(bridge.status().serverVersion()).startsWith("2.9");
      assertThat(notTaken.contains("compression: asked for s2, is none")).isEqualTo(old);
      try (BusClient client = BusClient.at(nats.url())) {
        StreamConfiguration echoed =
            client.management().getStreamInfo("AF_MESSAGES").getConfiguration();
        assertThat(echoed.getDuplicateWindow()).isEqualTo(Duration.ofSeconds(30));
        assertThat(echoed.getCompressionOption())
            .isEqualTo(old ? CompressionOption.None : CompressionOption.S2);
      }
    }
  }

  @Test
  void changed_settings_change_the_stream_and_leave_what_others_set() throws Exception {
    nats("");
    append(1);
    try (BridgeLoop bridge = bridge(settings())) {
      awaitPublished(bridge);
    }
    try (BusClient client = BusClient.at(nats.url())) {
      client
          .management()
          .updateStream(
              StreamConfiguration.builder(
                      client.management().getStreamInfo("AF_SYSTEM").getConfiguration())
                  .maximumMessageSize(100_000)
                  .build());
      try (BridgeLoop bridge =
          bridge(
              settings().with(BusStream.AF_SYSTEM, new StreamLimits(Duration.ofHours(5), 7_000)))) {
        awaitPublished(bridge);
        StreamConfiguration echoed =
            client.management().getStreamInfo("AF_SYSTEM").getConfiguration();
        assertThat(echoed.getMaxAge()).isEqualTo(Duration.ofHours(5));
        assertThat(echoed.getMaxBytes()).isEqualTo(7_000);
        assertThat(echoed.getMaximumMessageSize()).isEqualTo(100_000);
      }
    }
  }
}

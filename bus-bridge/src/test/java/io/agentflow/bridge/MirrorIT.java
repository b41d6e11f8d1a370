package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.bridge.BridgeStatus.State;
import io.agentflow.bridge.MirrorFinding.Kind;
import io.agentflow.bridge.MirrorVerification.Progress;
import io.agentflow.bridge.MirrorVerification.StreamVerification;
import io.agentflow.bridge.StreamRepair.Repaired;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamState;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Streams that somebody tampered with are told from the log, and made equal to it again. */
class MirrorIT {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String STREAM = BusStream.AF_MESSAGES.name();
  private static final int EXAMPLES_MAX = 1_000;
  private static final int UNIT = 5;
  private static final BridgeSettings SETTINGS =
      new BridgeSettings(
          256,
          Duration.ofSeconds(5),
          Duration.ofMillis(100),
          Duration.ofMillis(100),
          Duration.ofMillis(500));

  private TestDatabase database;
  private TestLog log;
  private NatsServerProcess nats;
  private Connection connection;
  private Bus bus;
  private BridgeLoop bridge;
  private Mirror mirror;

  @BeforeEach
  void start() throws Exception {
    database = TestDatabase.create();
    log = new TestLog(database);
    nats = NatsServerProcess.start();
    connect(BusSettings.of(Optional.of(nats.url())));
  }

  private void connect(BusSettings settings) throws Exception {
    connection = Nats.connect(nats.url());
    bus = new Bus(settings);
    mirror = new Mirror(database.application(), log.reader(), bus, Clock.systemUTC());
    bridge = new BridgeLoop(database.application(), log.reader(), log.tail(), bus, SETTINGS);
    bridge.start();
  }

  private void disconnect() throws Exception {
    bridge.close();
    bus.close();
    connection.close();
  }

  @AfterEach
  void stop() throws Exception {
    disconnect();
    log.close();
    database.close();
    nats.close();
  }

  private void append(int events) {
    for (int i = 0; i < events / UNIT; i++) {
      log.append(i % 2 == 0 ? "acme" : "globex", UUID.randomUUID().toString(), 0, UNIT);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still waiting until %s", what).isLessThan(deadlineNanos);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private void awaitPublished() {
    long head = log.reader().headPosition();
    await(
        "everything is published",
        () ->
            bridge.status().state() == State.PUBLISHING
                && BridgeCursor.of(database.application(), BusStream.AF_MESSAGES).position()
                    == head);
  }

  private StreamVerification verify() {
    return mirror.verify(List.of(STREAM), EXAMPLES_MAX, Progress.NONE).streams().getFirst();
  }

  private StreamState state() throws Exception {
    return connection.jetStreamManagement().getStreamInfo(STREAM).getStreamState();
  }

  /** A message, without what its publisher told the server. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  private record Stored(String subject, Headers headers, byte[] body) {

    String id() {
      return String.valueOf(headers.getFirst("Nats-Msg-Id"));
    }
  }

  private Stored message(long sequence) throws Exception {
    MessageInfo message = connection.jetStreamManagement().getMessage(STREAM, sequence);
    Headers headers = new Headers(message.getHeaders());
    headers.remove(
        "Nats-Expected-Stream", "Nats-Expected-Last-Sequence", "Nats-Expected-Last-Msg-Id");
    return new Stored(
        Objects.requireNonNull(message.getSubject()),
        headers,
        Objects.requireNonNull(message.getData()));
  }

  private void delete(long sequence) throws Exception {
    assertThat(connection.jetStreamManagement().deleteMessage(STREAM, sequence)).isTrue();
  }

  private long publish(String subject, Headers headers, byte[] body) throws Exception {
    Message message = NatsMessage.builder().subject(subject).headers(headers).data(body).build();
    return connection.jetStream().publish(message).getSeqno();
  }

  /** So that the server takes what it had before. */
  private void forgetMessageIds() {
    new MirroredStream(connection, STREAM).forgetMessageIds();
  }

  /** By kind: ids of what is missing, sequence numbers of what is there. */
  private static Map<Kind, Set<String>> named(StreamVerification verified) {
    Map<Kind, Set<String>> named = new TreeMap<>();
    for (MirrorFinding finding : verified.findings()) {
      named
          .computeIfAbsent(finding.kind(), none -> new TreeSet<>())
          .add(
              finding.sequence() == null ? finding.messageId() : Long.toString(finding.sequence()));
    }
    return named;
  }

  private static void put(Map<Kind, Set<String>> done, Kind kind, Object what) {
    done.computeIfAbsent(kind, none -> new TreeSet<>()).add(String.valueOf(what));
  }

  private Map<Kind, Set<String>> tamper(Random lots) throws Exception {
    forgetMessageIds();
    List<Long> sequences =
        new ArrayList<>(LongStream.rangeClosed(1, state().getLastSequence()).boxed().toList());
    Collections.shuffle(sequences, lots);
    Map<Kind, Set<String>> done = new TreeMap<>();
    int missing = sequences.size() / 50;
    for (long sequence : sequences.subList(0, missing)) {
      put(done, Kind.MISSING, message(sequence).id());
      delete(sequence);
    }
    List<Long> others = sequences.subList(missing, sequences.size());
    for (int i = 0; i < 30; i++) {
      Stored was = message(others.get(i));
      delete(others.get(i));
      byte[] body = was.body().clone();
      String subject = was.subject();
      Headers headers = was.headers();
      switch (i % 3) {
        case 0 -> body[body.length / 2] ^= 1;
        case 1 -> subject = "af.acme.workflows.another.out";
        default -> headers.put("AF-Event-Type", "workflow.forged");
      }
      put(done, Kind.ALTERED, publish(subject, headers, body));
    }
    for (long sequence : others.subList(30, 40)) {
      Stored was = message(sequence);
      put(done, Kind.DUPLICATE, publish(was.subject(), was.headers(), was.body()));
    }
    for (long sequence : others.subList(40, 45)) {
      Stored was = message(sequence);
      delete(sequence);
      put(done, Kind.OUT_OF_ORDER, publish(was.subject(), was.headers(), was.body()));
    }
    for (int i = 0; i < 10; i++) {
      put(
          done,
          Kind.FOREIGN,
          publish(
              "af.acme.agents.forger.out",
              new Headers().add("AF-Position", Integer.toString(1 + i)),
              "{}".getBytes(StandardCharsets.UTF_8)));
    }
    return done;
  }

  @Test
  void what_was_done_to_a_stream_is_named_and_undone() throws Exception {
    append(4_000);
    awaitPublished();
    StreamVerification before = verify();
    assertThat(before.exact()).as(before.toString()).isTrue();
    assertThat(before.messages()).isEqualTo(4_000);

    long seed = System.nanoTime();
    Map<Kind, Set<String>> done = tamper(new Random(seed));

    StreamVerification tampered = verify();
    assertThat(tampered.exact()).isFalse();
    assertThat(tampered.digest()).isNotEqualTo(tampered.logDigest());
    assertThat(named(tampered)).as("seed %d", seed).isEqualTo(done);
    assertThat(tampered.missing()).isEqualTo(80);
    assertThat(tampered.altered()).isEqualTo(30);

    Repaired repaired = mirror.repair(STREAM, Progress.NONE);
    assertThat(repaired.besideMessages()).isPositive().isEqualTo(repaired.published());
    StreamVerification after = verify();
    assertThat(after.exact()).as(after.toString()).isTrue();
    assertThat(after.digest()).isEqualTo(before.digest()).isEqualTo(repaired.digest());
    assertThat(after.messages()).isEqualTo(4_000);
    assertThat(connection.jetStreamManagement().getStreamNames())
        .doesNotContain(STREAM + "_BESIDE");

    append(50);
    awaitPublished();
    assertThat(verify().exact()).isTrue();
    assertThat(verify().messages()).isEqualTo(4_050);
  }

  @Test
  void what_does_not_belong_there_is_deleted_and_nothing_else_is_touched() throws Exception {
    append(500);
    awaitPublished();
    forgetMessageIds();
    Stored copied = message(100);
    publish("af.acme.agents.forger.out", new Headers(), new byte[] {1});
    publish(copied.subject(), copied.headers(), copied.body());

    assertThat(named(verify()).keySet()).containsExactlyInAnyOrder(Kind.FOREIGN, Kind.DUPLICATE);
    Repaired repaired = mirror.repair(STREAM, Progress.NONE);
    assertThat(repaired.deleted()).isEqualTo(2);
    assertThat(repaired.published()).isZero();
    assertThat(verify().exact()).isTrue();
    assertThat(state().getLastSequence()).isEqualTo(502);
    assertThat(message(100).body()).isEqualTo(copied.body());
  }

  @Test
  void a_tail_that_is_missing_is_published_and_nothing_is_built() throws Exception {
    append(500);
    awaitPublished();
    bridge.close();
    for (long sequence = 451; sequence <= 500; sequence++) {
      delete(sequence);
    }
    assertThat(verify().missing()).isEqualTo(50);
    Repaired repaired = mirror.repair(STREAM, Progress.NONE);
    assertThat(repaired)
        .extracting(Repaired::deleted, Repaired::published)
        .containsExactly(0L, 50L);
    assertThat(repaired.besideMessages()).isZero();
    assertThat(verify().exact()).isTrue();
  }

  @Test
  void a_stream_that_was_emptied_or_deleted_is_filled_again() throws Exception {
    append(1_000);
    awaitPublished();
    String digest = verify().digest();
    connection.jetStreamManagement().purgeStream(STREAM);
    assertThat(verify().missing()).isEqualTo(1_000);
    assertThat(mirror.repair(STREAM, Progress.NONE).digest()).isEqualTo(digest);

    bridge.close();
    connection.jetStreamManagement().deleteStream(STREAM);
    StreamVerification gone = verify();
    assertThat(gone.present()).isFalse();
    assertThat(gone.missing()).isEqualTo(1_000);
    assertThat(mirror.repair(STREAM, Progress.NONE).digest()).isEqualTo(digest);
    assertThat(verify().exact()).isTrue();
  }

  @Test
  void the_bridge_itself_fills_a_stream_that_was_deleted() throws Exception {
    append(500);
    awaitPublished();
    connection.jetStreamManagement().deleteStream(STREAM);
    append(10);
    await(
        "the stream is there again",
        () -> {
          try {
            return state().getMsgCount() == 510;
          } catch (Exception e) {
            return false;
          }
        });
    assertThat(verify().exact()).isTrue();
  }

  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Wherever a repair ends, the bridge goes on, and the next repair ends well. */
  @Test
  void a_repair_that_broke_off_is_made_good_by_the_next() throws Exception {
    append(3_000);
    awaitPublished();
    String digest = verify().digest();
    long early = 300;
    for (String phase :
        List.of("building beside", "checking what was built", "removing", "putting in place")) {
      delete(early--);
      AtomicBoolean reached = new AtomicBoolean();
      assertThatThrownBy(
              () ->
                  mirror.repair(
                      STREAM,
                      (stream, now, done, total) -> {
                        if (now.equals(phase) && done > 0) {
                          reached.set(true);
                          throw new Stopped();
                        }
                      }))
          .as(phase)
          .isInstanceOf(Stopped.class);
      assertThat(reached).isTrue();
      append(10);
      awaitPublished();
      Repaired repaired = mirror.repair(STREAM, Progress.NONE);
      assertThat(verify().exact()).as(phase).isTrue();
      assertThat(repaired.digest()).isNotEqualTo(digest);
      digest = repaired.digest();
    }
    assertThat(verify().messages()).isEqualTo(3_040);
  }

  @Test
  void a_server_that_is_killed_during_a_repair_loses_nothing() throws Exception {
    append(3_000);
    awaitPublished();
    delete(200);
    assertThatThrownBy(
            () ->
                mirror.repair(
                    STREAM,
                    (stream, phase, done, total) -> {
                      if (phase.equals("putting in place") && done > 0) {
                        try {
                          nats.kill();
                        } catch (InterruptedException e) {
                          throw new IllegalStateException(e);
                        }
                      }
                    }))
        .isInstanceOf(BusFailure.class);
    nats.startAgain();
    append(10);
    if (remembersDeletions()) {
      awaitPublished();
      StreamVerification filled = verify();
      assertThat(filled.exact()).as("the bridge fills a tail by itself: %s", filled).isTrue();
      assertThat(mirror.repair(STREAM, Progress.NONE).deleted()).isZero();
    } else {
      mirror.repair(STREAM, Progress.NONE);
    }
    assertThat(verify().exact()).isTrue();
    assertThat(verify().messages()).isEqualTo(3_010);
  }

  /** With 2.9, what was deleted shortly before it is killed comes back. */
  private static boolean remembersDeletions() {
    return !NatsServerProcess.version(NatsServerProcess.program()).contains("v2.9.");
  }

  @Test
  void streams_are_verified_and_repaired_while_commands_go_on() throws Exception {
    append(1_000);
    awaitPublished();
    AtomicBoolean going = new AtomicBoolean(true);
    Thread load =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (going.get()) {
                    append(10);
                  }
                });
    try {
      for (int i = 0; i < 5; i++) {
        StreamVerification verified = verify();
        assertThat(verified.exact()).as(verified.toString()).isTrue();
      }
      delete(500);
      long head = log.reader().headPosition();
      assertThat(verify().missing()).isEqualTo(1);
      assertThat(mirror.repair(STREAM, Progress.NONE).published()).isPositive();
      assertThat(verify().exact()).isTrue();
      assertThat(log.reader().headPosition()).isGreaterThan(head);
    } finally {
      going.set(false);
      load.join();
    }
    awaitPublished();
    assertThat(verify().exact()).isTrue();
    assertThat(verify().messages()).isEqualTo(log.reader().headPosition());
  }

  @Test
  void what_a_stream_forgot_by_its_size_is_not_missing() throws Exception {
    disconnect();
    connect(
        BusSettings.of(Optional.of(nats.url()))
            .with(BusStream.AF_MESSAGES, new StreamLimits(Duration.ofDays(7), 400_000)));
    append(2_000);
    awaitPublished();
    assertThat(state().getFirstSequence()).isGreaterThan(1);
    StreamVerification forgetful = verify();
    assertThat(forgetful.exact()).as(forgetful.toString()).isTrue();
    assertThat(forgetful.behindPosition()).isPositive();
    delete(state().getLastSequence() - 10);
    assertThat(verify().missing()).isEqualTo(1);
    mirror.repair(STREAM, Progress.NONE);
    assertThat(verify().exact()).isTrue();
  }

  @Test
  void what_a_stream_forgot_by_its_age_is_not_missing() throws Exception {
    disconnect();
    connect(
        BusSettings.of(Optional.of(nats.url()))
            .with(BusStream.AF_MESSAGES, new StreamLimits(Duration.ofSeconds(2), -1)));
    append(200);
    awaitPublished();
    await(
        "they are forgotten",
        () -> {
          try {
            return state().getMsgCount() == 0;
          } catch (Exception e) {
            return false;
          }
        });
    append(20);
    awaitPublished();
    StreamVerification forgetful = verify();
    assertThat(forgetful.exact()).as(forgetful.toString()).isTrue();
    assertThat(forgetful.behindPosition()).isPositive();
  }

  /** {@code -Dmirror.messages=100000}. */
  @Test
  @EnabledIfSystemProperty(named = "mirror.messages", matches = "[0-9]+")
  void how_fast_it_is() throws Exception {
    int messages = Integer.getInteger("mirror.messages", 100_000);
    for (int i = 0; i < messages / 500; i++) {
      log.append("acme", UUID.randomUUID().toString(), 0, 500);
    }
    awaitPublished();
    for (int i = 0; i < 3; i++) {
      StreamVerification verified = verify();
      assertThat(verified.exact()).isTrue();
      System.out.printf(
          "verify: %,d messages, %,d a second%n",
          verified.messages(), verified.messagesPerSecond());
    }
    delete(messages / 2);
    long began = System.nanoTime();
    Repaired repaired = mirror.repair(STREAM, Progress.NONE);
    System.out.printf(
        "repair: %,d deleted, %,d published in %,d ms%n",
        repaired.deleted(), repaired.published(), (System.nanoTime() - began) / 1_000_000);
    assertThat(verify().exact()).isTrue();
  }
}

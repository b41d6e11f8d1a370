package io.agentflow.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.EventTooLarge;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.NewReceipt;
import io.agentflow.eventstore.Receipt;
import io.agentflow.eventstore.ReceiptExists;
import io.agentflow.eventstore.ReceiptKey;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.agentflow.eventstore.verify.ChainVerifier;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogWriterIT {

  private static final int ALL = 1_000_000;
  private static final Duration SECONDS_15 = Duration.ofSeconds(15);

  private TestDatabase database;
  private TestLog log;

  @BeforeEach
  void createDatabase() {
    database = TestDatabase.create();
    log = new TestLog(database);
  }

  @AfterEach
  void closeDatabase() {
    log.close();
    database.close();
  }

  private static String newId() {
    return UUID.randomUUID().toString();
  }

  /** What holds of every log: no gap, no double, every chain whole. */
  private List<LogEntry> assertWhole() {
    List<LogEntry> entries = log.reader().after(0, ALL);
    assertThat(entries)
        .extracting(LogEntry::position)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, entries.size()).boxed().toList());
    assertThat(new ChainVerifier(database.application()).verifyAll().valid()).isTrue();
    return entries;
  }

  @Test
  void an_event_that_is_too_large_is_refused_and_nothing_of_its_unit_is_appended() {
    String id = newId();
    String large = "x".repeat(NewEntry.PAYLOAD_CHARS_MAX);

    List<DomainEventMessage<?>> unit = new ArrayList<>(TestLog.events("acme", id, 0, 1));
    unit.add(
        new GenericDomainEventMessage<>(
            "workflow", id, 1, new TestLog.Noted(large, 1), MetaData.with("tenantId", "acme")));

    assertThatThrownBy(() -> log.engine().appendEvents(unit))
        .isInstanceOf(EventTooLarge.class)
        .hasMessageContaining("at most 16000000");
    assertThat(assertWhole()).isEmpty();
  }

  @Test
  void an_entry_is_stored_under_its_spoken_name_as_canonical_json() throws Exception {
    String id = newId();
    log.append("acme", id, 0, 1);

    LogEntry entry = assertWhole().getFirst();
    assertThat(entry.eventType()).isEqualTo("workflow.noted");
    assertThat(entry.payload()).isEqualTo("{\"amount\":0,\"text\":\"note 0\"}");
    assertThat(entry.metadata()).isEqualTo("{\"actor\":\"tester\"}");
    assertThat(entry.occurredAt()).isEqualTo(entry.occurredAt().truncatedTo(ChronoUnit.MICROS));
    assertThat(log.tail().awaitBeyond(0, Duration.ofSeconds(5))).isEqualTo(1);
  }

  /** A unit of one command that has a receipt. */
  private void appendOnce(ReceiptKey key, String aggregateId) {
    GenericCommandMessage<String> command =
        new GenericCommandMessage<>(
            "note",
            Map.of(
                NewReceipt.METADATA_KEY,
                new NewReceipt(
                    key, Hash.GENESIS, Instant.now().plusSeconds(60), 201, aggregateId, null)));
    DefaultUnitOfWork<?> unit = DefaultUnitOfWork.startAndGet(command);
    try {
      log.append("acme", aggregateId, 0, 2);
      unit.commit();
    } catch (RuntimeException e) {
      unit.rollback(e);
      throw e;
    }
  }

  @Test
  void a_receipt_is_there_with_its_unit_or_neither_is_and_of_many_under_a_key_one() {
    Receipts receipts = new Receipts(database.application(), database.application());
    ReceiptKey key = new ReceiptKey("acme", "ada", "POST /v1/notes", "k1");
    Set<String> appended = ConcurrentHashMap.newKeySet();
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger neighbours = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 50; i++) {
        threads.execute(
            () -> {
              String id = newId();
              try {
                appendOnce(key, id);
                appended.add(id);
              } catch (ReceiptExists e) {
                refused.incrementAndGet();
              }
            });
        threads.execute(
            () -> {
              log.append("acme", newId(), 0, 1);
              neighbours.incrementAndGet();
            });
      }
    }
    assertThat(appended).hasSize(1);
    assertThat(refused).hasValue(49);
    assertThat(neighbours).hasValue(50);
    List<LogEntry> entries = assertWhole();
    assertThat(entries).hasSize(52);
    LogEntry last =
        entries.stream()
            .filter(entry -> appended.contains(entry.aggregateId()))
            .reduce((before, after) -> after)
            .orElseThrow();
    assertThat(receipts.find(key, Instant.now()))
        .get()
        .extracting(Receipt::entry)
        .isEqualTo(new Appended(last.aggregateId(), 1, last.position(), last.hash()));
    assertThat(receipts.forgetExpired(Instant.now(), 10)).isZero();
    assertThat(receipts.forgetExpired(Instant.now().plusSeconds(61), 10)).isEqualTo(1);
    assertThat(receipts.find(key, Instant.now())).isEmpty();
  }

  @Test
  void an_aggregate_that_exists_is_not_created_again() {
    String id = newId();
    log.append("acme", id, 0, 2);

    assertThatThrownBy(() -> log.append("acme", id, 0, 1))
        .isInstanceOf(AggregateStreamCreationException.class);
    assertThatThrownBy(() -> log.append("acme", id, 1, 1)).isInstanceOf(ConcurrencyException.class);
    assertThatThrownBy(() -> log.append("acme", id, 3, 1)).isInstanceOf(ConcurrencyException.class);
    assertThat(assertWhole()).hasSize(2);
  }

  @Test
  void a_unit_of_work_is_appended_whole_or_not_at_all() {
    String taken = newId();
    String fresh = newId();
    log.append("acme", taken, 0, 1);
    List<DomainEventMessage<?>> unit = new ArrayList<>(TestLog.events("acme", fresh, 0, 2));
    unit.addAll(TestLog.events("acme", taken, 0, 1));

    assertThatThrownBy(() -> log.engine().appendEvents(unit))
        .isInstanceOf(AggregateStreamCreationException.class);
    assertThat(assertWhole()).hasSize(1);
  }

  @Test
  void an_event_without_a_tenant_or_with_an_ill_formed_one_is_refused() {
    for (MetaData metadata : List.of(MetaData.emptyInstance(), MetaData.with("tenantId", "A b"))) {
      assertThatThrownBy(
              () ->
                  log.engine()
                      .appendEvents(
                          new GenericDomainEventMessage<>(
                              "workflow", newId(), 0, new TestLog.Noted("x", 1), metadata)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has no tenant");
    }
    assertThat(assertWhole()).isEmpty();
  }

  /** Of those who race for one place one wins; who has nothing to do with it is not disturbed. */
  @Test
  void racers_for_one_sequence_number_have_one_winner_and_bystanders_all_commit() throws Exception {
    String contested = newId();
    log.append("acme", contested, 0, 1);
    AtomicInteger winners = new AtomicInteger();
    AtomicInteger losers = new AtomicInteger();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      tasks.add(
          () -> {
            try {
              log.append("acme", contested, 1, 1);
              winners.incrementAndGet();
            } catch (ConcurrencyException e) {
              losers.incrementAndGet();
            }
            return null;
          });
    }
    for (int i = 0; i < 100; i++) {
      String tenant = "tenant-" + i % 3;
      tasks.add(
          () -> {
            log.append(tenant, newId(), 0, 3);
            return null;
          });
    }
    runAll(tasks);

    assertThat(winners).hasValue(1);
    assertThat(losers).hasValue(15);
    assertThat(assertWhole()).hasSize(1 + 1 + 300);
  }

  @Test
  void two_nodes_append_to_one_log_without_a_gap() throws Exception {
    try (TestLog other = new TestLog(database)) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        TestLog node = i % 2 == 0 ? log : other;
        tasks.add(
            () -> {
              node.append("acme", newId(), 0, 2);
              return null;
            });
      }
      runAll(tasks);
    }
    assertThat(assertWhole()).hasSize(400);
  }

  /**
   * An event id that is already there breaks the database's rule, not ours: still only its unit.
   */
  @Test
  void a_unit_that_the_database_refuses_fails_alone() throws Exception {
    String eventId = UUID.randomUUID().toString();
    log.engine().appendEvents(noted(eventId, newId()));
    AtomicInteger refused = new AtomicInteger();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      boolean poisoned = i % 20 == 7;
      tasks.add(
          () -> {
            try {
              log.engine()
                  .appendEvents(noted(poisoned ? eventId : UUID.randomUUID().toString(), newId()));
            } catch (LogUnavailable e) {
              refused.incrementAndGet();
            }
            return null;
          });
    }
    runAll(tasks);

    assertThat(refused).hasValue(3);
    assertThat(assertWhole()).hasSize(1 + 57);
  }

  private static DomainEventMessage<?> noted(String eventId, String aggregateId) {
    return new GenericDomainEventMessage<>(
        "workflow",
        aggregateId,
        0,
        new TestLog.Noted("x", 1),
        Map.of("tenantId", "acme"),
        eventId,
        Instant.now());
  }

  /** Connections are shot while many append: what was acknowledged is there, once, in order. */
  @Test
  void what_was_acknowledged_survives_lost_connections_and_the_writer_lives_on() throws Exception {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    AtomicBoolean done = new AtomicBoolean();
    Thread assassin = Thread.ofVirtual().start(() -> killConnections(done));
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      tasks.add(
          () -> {
            for (int n = 0; n < 60; n++) {
              String id = newId();
              try {
                log.append("acme", id, 0, 1);
                acknowledged.add(id);
              } catch (LogUnavailable e) {
                assertThat(e.getMessage()).isNotBlank();
              }
            }
            return null;
          });
    }
    runAll(tasks);
    done.set(true);
    assassin.join();

    log.append("acme", newId(), 0, 1);
    Set<String> stored =
        assertWhole().stream().map(LogEntry::aggregateId).collect(Collectors.toSet());
    assertThat(acknowledged).isNotEmpty();
    assertThat(stored).containsAll(acknowledged);
  }

  private void killConnections(AtomicBoolean done) {
    while (!done.get()) {
      database.asOwner(
          """
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
            and query like '%log.%' and random() < 0.3
          """);
      java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  void a_closed_log_refuses_and_nobody_waits_for_ever() {
    log.close();
    assertThatThrownBy(() -> log.append("acme", newId(), 0, 1)).isInstanceOf(LogUnavailable.class);
  }

  @Test
  void the_application_may_not_change_what_is_appended() throws SQLException {
    log.append("acme", newId(), 0, 1);
    try (Connection connection = database.application().getConnection();
        Statement statement = connection.createStatement()) {
      for (String change :
          List.of(
              "update log.events set payload = '{}'",
              "delete from log.events",
              "truncate log.events")) {
        assertThatThrownBy(() -> statement.execute(change))
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("permission denied");
      }
    }
    assertThat(assertWhole()).hasSize(1);
  }

  /** Granted too much by mistake, a role is still refused by the trigger. */
  @Test
  void a_role_that_was_granted_too_much_is_still_refused() throws SQLException {
    log.append("acme", newId(), 0, 1);
    database.asOwner("grant update, delete, truncate on log.events to agentflow_app");
    try (Connection connection = database.application().getConnection();
        Statement statement = connection.createStatement()) {
      for (String change :
          List.of(
              "update log.events set payload = '{}'",
              "delete from log.events",
              "truncate log.events")) {
        assertThatThrownBy(() -> statement.execute(change))
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("append-only");
      }
    } finally {
      database.asOwner("revoke update, delete, truncate on log.events from agentflow_app");
    }
    assertThat(assertWhole()).hasSize(1);
  }

  private static void runAll(List<Callable<Void>> tasks) throws Exception {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> future : workers.invokeAll(tasks)) {
        future.get();
      }
    }
  }

  @Test
  void the_engine_reads_back_what_was_appended_and_knows_where_the_log_ends() {
    String id = newId();
    log.append("acme", id, 0, 250);

    assertThat(
            log.engine().readEvents(id, 0).asStream().<Object>map(DomainEventMessage::getPayload))
        .hasSize(250)
        .startsWith(new TestLog.Noted("note 0", 0));
    try (Stream<?> tracked = log.engine().readEvents(log.engine().createTailToken(), false)) {
      assertThat(tracked).hasSize(250);
    }
    assertThat(log.engine().createHeadToken().position()).hasValue(250);
    assertThat(log.engine().lastSequenceNumberFor(id)).contains(249L);
    assertThat(log.engine().readEvents(id, 0).next().getMetaData())
        .containsEntry("tenantId", "acme")
        .containsEntry("actor", "tester");
  }

  @Test
  void reading_goes_on_from_any_position_and_over_many_pages() {
    for (int unit = 0; unit < 5; unit++) {
      log.append("acme", newId(), 0, 500);
    }

    for (long start : new long[] {0, 1, 999, 1_000, 1_001, 2_499, 2_500, 9_999}) {
      try (Stream<? extends TrackedEventMessage<?>> read =
          log.engine().readEvents(new GlobalSequenceTrackingToken(start), false)) {
        assertThat(read.map(event -> event.trackingToken().position().orElseThrow()))
            .containsExactlyElementsOf(LongStream.rangeClosed(start + 1, 2_500).boxed().toList());
      }
    }
  }

  @Test
  void a_token_at_an_instant_stands_before_the_first_event_of_that_time_or_later() {
    Instant first = Instant.parse("2026-01-01T00:00:00Z");
    for (int second = 0; second < 3; second++) {
      log.engine().appendEvents(at(first.plusSeconds(second)));
    }

    assertThat(log.engine().createTokenAt(first.minusSeconds(1)).position()).hasValue(0);
    assertThat(log.engine().createTokenAt(first.plusSeconds(1)).position()).hasValue(1);
    assertThat(log.engine().createTokenAt(first.plusMillis(1_001)).position()).hasValue(2);
    assertThat(log.engine().createTokenAt(first.plusSeconds(9)).position()).hasValue(3);
  }

  private static DomainEventMessage<?> at(Instant occurredAt) {
    return new GenericDomainEventMessage<>(
        "workflow",
        newId(),
        0,
        new TestLog.Noted("x", 1),
        Map.of("tenantId", "acme"),
        UUID.randomUUID().toString(),
        occurredAt);
  }

  /** While another holds the head, as a node that stands still would. */
  @Test
  void a_full_queue_refuses_after_a_while_and_what_waits_is_appended_later() throws Exception {
    try (LogWriter narrow =
            new LogWriter(
                database.application(),
                new LogWriterSettings(
                    2, 1, Duration.ofMillis(300), SECONDS_15, SECONDS_15, SECONDS_15),
                new LogTail());
        Connection holder = database.owner().getConnection();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      PostgresEventStorageEngine engine = TestLog.engine(database, narrow);
      holder.setAutoCommit(false);
      holder.createStatement().execute("select from log.head for update");
      List<Future<?>> appends = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        appends.add(
            callers.submit(() -> engine.appendEvents(TestLog.events("acme", newId(), 0, 1))));
      }

      // One is being written, two wait; there was no place for the others.
      List<Future<?>> refused = awaitDone(appends, 5);
      for (Future<?> append : refused) {
        assertThatThrownBy(append::get)
            .hasCauseInstanceOf(LogUnavailable.class)
            .hasMessageContaining("2 units of work are waiting");
      }

      List<Future<?>> waiting = appends.stream().filter(append -> !append.isDone()).toList();
      holder.rollback();
      for (Future<?> append : waiting) {
        append.get(10, TimeUnit.SECONDS);
      }
    }
    assertThat(assertWhole()).hasSize(3);
  }

  private static List<Future<?>> awaitDone(List<Future<?>> appends, int count)
      throws InterruptedException {
    for (int i = 0; i < 300; i++) {
      List<Future<?>> done = appends.stream().filter(Future::isDone).toList();
      if (done.size() >= count) {
        return done;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("too few were refused: " + appends);
  }

  /** A node that stands still inside its turn is cut off by the server, not waited for. */
  @Test
  void a_node_that_stands_still_with_the_lock_blocks_the_others_for_a_moment_only()
      throws Exception {
    try (WriterConnection still =
        WriterConnection.open(
            database.application(),
            new LogWriterSettings(
                1, 1, SECONDS_15, SECONDS_15, SECONDS_15, Duration.ofMillis(500)))) {
      still.lockAndLook(List.of(), List.of());
      log.append("acme", newId(), 0, 1);
      assertThat(still.isUsable()).isFalse();
    }
    assertThat(assertWhole()).hasSize(1);
  }
}

package io.agentflow.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.WokenEventStore;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TailedStreamIT {

  /** Far longer than these tests take: who only polls fails them. */
  private static final Duration POLLING = Duration.ofMinutes(10);

  private static final int UNIT_EVENTS = 100;

  /** Three times what the buffer of the tail keeps. */
  private static final int UNITS = 120;

  private TestDatabase database;
  private TestLog log;
  private WokenEventStore store;

  @BeforeEach
  void open() {
    database = TestDatabase.create();
    log = new TestLog(database);
    store = new WokenEventStore(log.engine(), log.tail(), POLLING);
  }

  @AfterEach
  void close() {
    store.close();
    log.close();
    database.close();
  }

  private void append(int events) {
    log.append("acme", UUID.randomUUID().toString(), 0, events);
  }

  private List<Long> read(long behind, long until) throws InterruptedException {
    List<Long> positions = new ArrayList<>();
    try (BlockingStream<TrackedEventMessage<?>> stream =
        store.openStream(new GlobalSequenceTrackingToken(behind))) {
      while (positions.isEmpty() || positions.getLast() < until) {
        positions.add(stream.nextAvailable().trackingToken().position().orElseThrow());
      }
    }
    return positions;
  }

  @Test
  void readers_at_any_place_see_every_event_once_and_in_order_while_the_log_grows()
      throws Exception {
    long end = (long) UNITS * UNIT_EVENTS;
    append(UNIT_EVENTS);
    List<Future<List<Long>>> readers = new ArrayList<>();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      for (long behind : new long[] {0, 1, 50, 100, 101, 4_500, end - 1}) {
        readers.add(threads.submit(() -> read(behind, end)));
      }
      for (int unit = 1; unit < UNITS; unit++) {
        append(UNIT_EVENTS);
      }
      readers.add(threads.submit(() -> read(17, end)));
      for (Future<List<Long>> reader : readers) {
        List<Long> positions = reader.get(60, TimeUnit.SECONDS);
        long first = positions.getFirst();
        assertThat(positions).hasSize(Math.toIntExact(end - first + 1));
        for (int i = 0; i < positions.size(); i++) {
          assertThat(positions.get(i)).isEqualTo(first + i);
        }
      }
    }
  }

  @Test
  void what_this_node_appends_comes_as_another_reads_it_from_the_database() throws Exception {
    LogTail elsewhere = new LogTail();
    try (WokenEventStore reading = new WokenEventStore(log.engine(), elsewhere, POLLING);
        BlockingStream<TrackedEventMessage<?>> read = reading.openStream(null);
        BlockingStream<TrackedEventMessage<?>> brought = store.openStream(null)) {
      for (int unit = 0; unit < 10; unit++) {
        append(UNIT_EVENTS);
      }
      elsewhere.advanceTo(10 * UNIT_EVENTS);
      for (int position = 1; position <= 10 * UNIT_EVENTS; position++) {
        assertThat(facts(brought.nextAvailable())).isEqualTo(facts(read.nextAvailable()));
      }
    }
  }

  private static List<Object> facts(TrackedEventMessage<?> message) {
    DomainEventMessage<?> event = (DomainEventMessage<?>) message;
    return List.of(
        message.trackingToken(),
        message.getIdentifier(),
        message.getPayload(),
        message.getMetaData(),
        message.getTimestamp(),
        event.getType(),
        event.getAggregateIdentifier(),
        event.getSequenceNumber());
  }

  @Test
  void a_reader_is_told_when_there_is_more_until_it_is_closed() throws Exception {
    Semaphore told = new Semaphore(0);
    try (BlockingStream<TrackedEventMessage<?>> stream = store.openStream(null)) {
      assertThat(stream.setOnAvailableCallback(told::release)).isTrue();
      assertThat(stream.hasNextAvailable()).isFalse();
      for (int i = 0; i < 10; i++) {
        append(1);
        assertThat(told.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        assertThat(stream.hasNextAvailable()).isTrue();
        assertThat(stream.peek()).contains(stream.nextAvailable());
      }
    }
    told.drainPermits();
    append(1);
    read(10, 11);
    assertThat(told.tryAcquire(100, TimeUnit.MILLISECONDS)).isFalse();
  }
}

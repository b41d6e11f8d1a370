package io.agentflow.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.WokenEventStore;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogSignalIT {

  /** Far longer than a signal takes, and than these tests wait: polling alone would fail them. */
  private static final Duration POLLING = Duration.ofMinutes(10);

  private TestDatabase database;
  private TestLog here;
  private LogTail there;
  private LogSignal telling;
  private LogSignal listening;

  @BeforeEach
  void startTwoNodes() {
    database = TestDatabase.create();
    here = new TestLog(database);
    there = new LogTail();
    telling = new LogSignal(database.application(), here.tail());
    listening = new LogSignal(database.application(), there);
  }

  @AfterEach
  void stopTwoNodes() {
    listening.close();
    telling.close();
    here.close();
    database.close();
  }

  private void append() {
    here.append("acme", UUID.randomUUID().toString(), 0, 1);
  }

  /** The first signal may be given before the other node listens; later ones are heard. */
  private void appendUntilHeard() throws InterruptedException {
    long heard = there.awaitBeyond(0, Duration.ZERO);
    for (int i = 0; i < 60; i++) {
      append();
      if (there.awaitBeyond(heard, Duration.ofMillis(500)) > heard) {
        return;
      }
    }
    throw new AssertionError("nothing was heard of the other node");
  }

  @Test
  void a_node_hears_how_far_another_has_appended() throws Exception {
    appendUntilHeard();
    for (int i = 0; i < 20; i++) {
      append();
      long position = here.reader().headPosition();
      assertThat(there.awaitBeyond(position - 1, Duration.ofSeconds(5))).isEqualTo(position);
    }
  }

  @Test
  void a_reader_on_another_node_wakes_without_polling() throws Exception {
    appendUntilHeard();
    try (WokenEventStore store = new WokenEventStore(here.engine(), there, POLLING);
        BlockingStream<TrackedEventMessage<?>> stream =
            store.openStream(here.engine().createHeadToken())) {
      assertThat(stream.hasNextAvailable()).isFalse();
      for (int i = 0; i < 10; i++) {
        append();
        assertThat(stream.hasNextAvailable(10, TimeUnit.SECONDS)).isTrue();
        stream.nextAvailable();
      }
    }
  }

  @Test
  void a_listener_that_lost_its_connection_listens_again() throws Exception {
    appendUntilHeard();
    database.asOwner(
        """
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query ilike '%listen%' and pid <> pg_backend_pid()
        """);
    appendUntilHeard();
  }
}

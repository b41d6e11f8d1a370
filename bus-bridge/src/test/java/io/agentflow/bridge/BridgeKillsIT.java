package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Two nodes publish under load, and again and again nats-server is killed, or a node, or the
 * database cuts all connections, each time for longer than NATS knows an id again. {@code ./dev
 * bridge-kills} kills fifty times each.
 *
 * <p>A seed draws what is killed and after which pause; the operating system's scheduling it does
 * not.
 */
class BridgeKillsIT {

  private static final long DRAWN_SEED_MAX = 1_000_000_000L;
  private static final int KILLS_OF_EACH_KIND = Integer.getInteger("bridge.kills", 2);
  private static final int PAUSE_MILLIS_MIN = 200;
  private static final int PAUSE_MILLIS_MAX = 900;
  private static final Duration RECOVERED_WITHIN = Duration.ofSeconds(60);

  private final long seed =
      Long.getLong("bridge.seed", ThreadLocalRandom.current().nextLong(DRAWN_SEED_MAX));
  private final SplittableRandom random = new SplittableRandom(seed);

  /** What is killed. */
  private enum Kill {
    NATS_SERVER,
    NODE,
    DATABASE_CONNECTIONS
  }

  @Test
  void after_kills_each_stream_has_exactly_the_logs_events_in_order() throws Exception {
    killAndCheck(NatsServerProcess.program());
  }

  @Test
  void the_same_holds_on_the_oldest_nats_server_that_is_supported() throws Exception {
    Assumptions.assumeTrue(
        NatsServerProcess.oldestProgram().isPresent(),
        "there is no .agentflow/bin/nats-server-2.9; scripts/fetch-nats-server 2.9 fetches it");
    killAndCheck(NatsServerProcess.oldestProgram().orElseThrow());
  }

  private void killAndCheck(Path program) throws Exception {
    System.out.printf(
        "killing under load on %s; again with ./dev bridge-kills %d%n",
        NatsServerProcess.version(program), seed);
    Path output = Files.createTempFile("agentflow-bridges", ".log");
    try (TestDatabase database = TestDatabase.create();
        TestLog log = new TestLog(database);
        NatsServerProcess nats = NatsServerProcess.start(program);
        Nodes nodes = new Nodes(url(database), nats.url(), output);
        Load load = new Load(log)) {
      load.start();
      awaitPublished(database, 1);
      List<Kill> kills = kills();
      for (Kill kill : kills) {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX));
        switch (kill) {
          case NATS_SERVER -> {
            nats.kill();
            TimeUnit.MILLISECONDS.sleep(BridgeProcess.DUPLICATE_WINDOW.toMillis() * 2);
            nats.startAgain();
          }
          case NODE -> nodes.replaceOne(random.nextInt(Nodes.COUNT));
          case DATABASE_CONNECTIONS ->
              database.asOwner(
                  "select pg_terminate_backend(pid) from pg_stat_activity"
                      + " where datname = current_database() and pid <> pg_backend_pid()");
        }
      }
      load.end();
      long head = log.reader().headPosition();
      long recoveredMillis = awaitPublished(database, head);
      nodes.kill();
      long messages = new MirrorCheck(log.reader(), nats.url()).assertWhole();
      System.out.printf(
          "%d kills on %s: %d messages of %d entries, whole and in order; the last were there %d ms"
              + " after the load, of which the log refused %d%n",
          kills.size(),
          NatsServerProcess.version(program),
          messages,
          head,
          recoveredMillis,
          load.refused());
      assertThat(messages).isEqualTo(head);
    }
  }

  private List<Kill> kills() {
    List<Kill> kills = new ArrayList<>();
    for (int i = 0; i < KILLS_OF_EACH_KIND; i++) {
      Collections.addAll(kills, Kill.values());
    }
    Collections.shuffle(kills, new Random(seed));
    return kills;
  }

  private static String url(TestDatabase database) throws SQLException {
    try (Connection connection = database.owner().getConnection()) {
      String url = connection.getMetaData().getURL();
      return url + (url.contains("?") ? "&" : "?") + "user=postgres&password=postgres";
    }
  }

  /** Waits until each stream is published as far as this; answers for how many milliseconds. */
  private static long awaitPublished(TestDatabase database, long head) throws InterruptedException {
    long startNanos = System.nanoTime();
    while (!StreamContents.ALL.stream()
        .map(StreamContent::stream)
        .allMatch(stream -> BridgeCursor.of(database.application(), stream).position() >= head)) {
      assertThat(System.nanoTime() - startNanos)
          .as("nanoseconds, and position %d is not published", head)
          .isLessThan(RECOVERED_WITHIN.toNanos());
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
  }

  /** Those who publish; one leads each stream, and the other takes over. */
  private static final class Nodes implements AutoCloseable {
    private static final int COUNT = 2;

    private final String databaseUrl;
    private final String busUrl;
    private final Path output;
    private final BridgeProcess[] processes = new BridgeProcess[COUNT];

    Nodes(String databaseUrl, String busUrl, Path output) {
      this.databaseUrl = databaseUrl;
      this.busUrl = busUrl;
      this.output = output;
      for (int i = 0; i < COUNT; i++) {
        processes[i] = BridgeProcess.start(databaseUrl, busUrl, output);
      }
    }

    void replaceOne(int index) {
      processes[index].close();
      processes[index] = BridgeProcess.start(databaseUrl, busUrl, output);
    }

    void kill() {
      for (BridgeProcess process : processes) {
        process.close();
      }
    }

    @Override
    public void close() {
      kill();
    }
  }

  /** Entries for all streams, as fast as is good for a test, whatever is killed. */
  private static final class Load implements AutoCloseable {
    private static final long PAUSE_MILLIS = 2;
    private static final int ENTRIES_A_UNIT = 8;

    private final TestLog log;
    private final Thread thread;
    private volatile boolean ended;
    private int refused;

    /** How often the log could not be reached, which is when its connections were cut. */
    int refused() {
      return refused;
    }

    Load(TestLog log) {
      this.log = log;
      this.thread = Thread.ofPlatform().name("load").unstarted(this::append);
    }

    void start() {
      thread.start();
    }

    private void append() {
      for (int i = 0; !ended; i++) {
        String tenantId = i % 2 == 0 ? "acme" : "globex";
        String id = UUID.randomUUID().toString();
        try {
          switch (i % 4) {
            case 0 -> log.append(tenantId, "workflow", id, new TestLog.Called("search", "it " + i));
            case 1 -> log.append(tenantId, "budget", id, new TestLog.Noted("reserved", i));
            default -> log.append(tenantId, id, 0, ENTRIES_A_UNIT);
          }
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (LogUnavailable e) {
          refused++;
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    void end() throws InterruptedException {
      ended = true;
      thread.join();
    }

    @Override
    public void close() {
      ended = true;
      thread.interrupt();
    }
  }
}

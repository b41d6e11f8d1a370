package io.agentflow.bench;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.freva.asciitable.AsciiTable;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.agentflow.eventstore.verify.ChainVerifier;
import io.agentflow.eventstore.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * Appends of one event each, through the engine and its writer, beside what PostgreSQL itself does
 * with one row a transaction from as many clients: the limit of everything that does not group its
 * commits. Every commit is forced to disk. Afterwards the chain is verified, and timed.
 */
public final class AppendBench {

  private static final int[] CLIENTS = {1, 8, 16};
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration MEASURED = Duration.ofSeconds(6);

  private AppendBench() {}

  /** What one round measured. */
  record Round(int clients, long rawCommitsPerSecond, long appendsPerSecond, double ratio) {}

  private interface Work {
    void once() throws SQLException;
  }

  /**
   * Prints a table and writes the same as JSON.
   *
   * @param arguments the folder for {@code append.json}
   */
  public static void main(String[] arguments) throws Exception {
    List<Round> rounds = new ArrayList<>();
    Verification verification;
    try (TestDatabase database = TestDatabase.create();
        TestLog log = new TestLog(database)) {
      database.asOwner(
          "create table public.raw (id uuid primary key, payload text);"
              + " grant insert on public.raw to agentflow_app");
      for (int clients : CLIENTS) {
        Work raw = () -> insertRaw(database);
        Work append = () -> log.append("bench", UUID.randomUUID().toString(), 0, 1);
        perSecond(clients, WARM_UP, raw);
        perSecond(clients, WARM_UP, append);
        long rawCommits = perSecond(clients, MEASURED, raw);
        long appends = perSecond(clients, MEASURED, append);
        rounds.add(new Round(clients, rawCommits, appends, (double) appends / rawCommits));
      }
      verification = new ChainVerifier(database.application()).verifyAll();
    }
    print(rounds, verification);
    write(Path.of(arguments[0], "append.json"), rounds, verification);
  }

  /** As wide as an entry of the log, without its chain. */
  private static void insertRaw(TestDatabase database) throws SQLException {
    try (Connection connection = database.application().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("insert into public.raw values (?, ?)")) {
      statement.setObject(1, UUID.randomUUID());
      statement.setString(2, "x".repeat(400));
      statement.executeUpdate();
    }
  }

  private static long perSecond(int clients, Duration duration, Work work)
      throws InterruptedException, ExecutionException {
    LongAdder done = new LongAdder();
    long startNanos = System.nanoTime();
    long endNanos = startNanos + duration.toNanos();
    try (ExecutorService workers = Executors.newFixedThreadPool(clients)) {
      List<Future<?>> running = new ArrayList<>();
      IntStream.range(0, clients)
          .forEach(
              client ->
                  running.add(
                      workers.submit(
                          () -> {
                            while (System.nanoTime() < endNanos) {
                              work.once();
                              done.increment();
                            }
                            return null;
                          })));
      for (Future<?> client : running) {
        client.get();
      }
    }
    return (long) (done.sum() * 1e9 / (System.nanoTime() - startNanos));
  }

  private static void print(List<Round> rounds, Verification verification) {
    System.out.println(
        AsciiTable.getTable(
            AsciiTable.NO_BORDERS,
            new String[] {"CLIENTS", "RAW COMMITS/S", "APPENDS/S", "RATIO"},
            null,
            rounds.stream()
                .map(
                    round ->
                        new String[] {
                          Integer.toString(round.clients()),
                          Long.toString(round.rawCommitsPerSecond()),
                          Long.toString(round.appendsPerSecond()),
                          String.format(Locale.ROOT, "%.2f", round.ratio())
                        })
                .toArray(String[][]::new)));
    System.out.printf(
        Locale.ROOT,
        "verified %,d entries at %,d/s: %s%n",
        verification.entries(),
        verification.tenants().getFirst().entriesPerSecond(),
        verification.valid() ? "whole" : "BROKEN");
  }

  private static void write(Path file, List<Round> rounds, Verification verification)
      throws IOException {
    Files.writeString(
        file,
        JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(
                Map.of(
                    "processors",
                    Runtime.getRuntime().availableProcessors(),
                    "java",
                    System.getProperty("java.version"),
                    "fsync",
                    "on",
                    "rounds",
                    rounds,
                    "verification",
                    verification)));
  }
}

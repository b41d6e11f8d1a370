package io.agentflow.eventstore.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.slf4j.LoggerFactory;

/** A PostgreSQL with data of its own, commits forced to disk, that can be made to crash. */
final class CrashableServer implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofSeconds(60);

  /** The longest that PostgreSQL knows. */
  private static final long COMMIT_DELAY_MICROS = 100_000;

  private final Path folder;
  private final int port;
  private EmbeddedPostgres process;

  private CrashableServer(Path folder, EmbeddedPostgres process) {
    this.folder = folder;
    this.port = process.getPort();
    this.process = process;
  }

  /** Starts it on new, migrated data in the folder. */
  static CrashableServer start(Path folder) {
    CrashableServer server = new CrashableServer(folder, start(folder, 0));
    for (String schema : new String[] {"log", "views"}) {
      Flyway.configure()
          .dataSource(server.owner())
          .schemas(schema)
          .table("flyway_history")
          .locations("classpath:migrations/" + schema)
          .load()
          .migrate();
    }
    server.execute(FoldedTable.CREATE);
    return server;
  }

  private static EmbeddedPostgres start(Path folder, int port) {
    Redirect log = Redirect.appendTo(folder.resolve("postgres.log").toFile());
    try {
      EmbeddedPostgres.Builder builder =
          EmbeddedPostgres.builder()
              .setDataDirectory(folder.resolve("postgres"))
              .setCleanDataDirectory(false)
              .setOutputRedirector(log)
              .setErrorRedirector(log)
              .setPGStartupWait(START_WITHIN)
              // The library's defaults trade durability for the speed of tests.
              .setServerConfig("fsync", "on")
              .setServerConfig("full_page_writes", "on")
              .setServerConfig("synchronous_commit", "on");
      return (port == 0 ? builder : builder.setPort(port)).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends every backend at once, as {@code pg_ctl stop -m immediate} does: no checkpoint. */
  void crash() throws InterruptedException, IOException {
    ProcessHandle postmaster = postmaster();
    Signal.QUIT.send(postmaster.pid());
    postmaster.onExit().join();
  }

  /** Not the process that the library started: that one has handed over and is gone. */
  private ProcessHandle postmaster() throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve("postgres/postmaster.pid"))) {
      return ProcessHandle.of(Long.parseLong(lines.findFirst().orElseThrow().strip()))
          .orElseThrow();
    }
  }

  /** Starts it again on the same data and port; PostgreSQL recovers from its write-ahead log. */
  void restart() throws IOException {
    // Of the process nothing is left; this lets go of the library's lock on the data.
    ((Logger) LoggerFactory.getLogger(EmbeddedPostgres.class)).setLevel(Level.OFF);
    process.close();
    process = start(folder, port);
  }

  /** Has every commit stand still before it is durable, and returns when one is likely to. */
  void slowCommits() throws InterruptedException {
    execute("alter system set commit_siblings = 0");
    execute("alter system set commit_delay = " + COMMIT_DELAY_MICROS);
    execute("select pg_reload_conf()");
    TimeUnit.MICROSECONDS.sleep(3 * COMMIT_DELAY_MICROS / 2);
  }

  /** From now on commits are made durable, but their clients wait for the answer. */
  void withholdAnswers() {
    execute("alter system set synchronous_standby_names = 'nobody'");
    execute("select pg_reload_conf()");
  }

  /** Commits are as they were; who waits for an answer gets it. */
  void resetCommits() {
    execute("alter system reset all");
    execute("select pg_reload_conf()");
  }

  DataSource owner() {
    return process.getPostgresDatabase();
  }

  /** For a node, whose connections are known by its name. */
  String jdbcUrl(String applicationName) {
    return process.getJdbcUrl("postgres", "postgres") + "&ApplicationName=" + applicationName;
  }

  void execute(String sql) {
    try (Connection connection = owner().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}

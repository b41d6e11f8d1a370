package io.agentflow.bridge;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A node that does nothing but publish, as a process of its own, so that it can be killed. */
final class BridgeProcess implements AutoCloseable {

  /** Short enough that ids are forgotten between a kill and what follows. */
  static final Duration DUPLICATE_WINDOW = Duration.ofMillis(300);

  private static final int CONNECTIONS = 6;

  private final Process process;

  private BridgeProcess(Process process) {
    this.process = process;
  }

  static BridgeProcess start(String databaseUrl, String busUrl, Path output) {
    try {
      return new BridgeProcess(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx128m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  BridgeProcess.class.getName(),
                  databaseUrl,
                  busUrl)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(output.toString())))
              .start());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** As {@code kill -9} does it. */
  @Override
  public void close() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Publishes until it is killed. */
  public static void main(String... arguments) throws InterruptedException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(arguments[0]);
    config.setConnectionInitSql("set role agentflow_app");
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(0);
    HikariDataSource database = new HikariDataSource(config);
    BusSettings wanted = BusSettings.of(Optional.of(arguments[1]));
    BusSettings settings =
        new BusSettings(
            wanted.url(),
            wanted.credentials(),
            wanted.limits(),
            wanted.replicas(),
            DUPLICATE_WINDOW,
            wanted.full(),
            wanted.compressed());
    new BridgeLoop(
            database,
            new LogReader(database),
            new LogTail(),
            new Bus(settings),
            new BridgeSettings(
                256,
                Duration.ofSeconds(5),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(400)))
        .start();
    new CountDownLatch(1).await();
  }
}

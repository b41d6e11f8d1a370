package io.agentflow.bench;

import io.agentflow.cli.Bearer;
import io.agentflow.cli.DevelopmentKey;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A server as {@code ./af up} starts it, with its defaults and a PostgreSQL of its own. */
final class OurServer implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofMinutes(5);

  private final Path home;
  private final Process process;
  private final Http http;
  private final String token;

  private OurServer(Path home, Process process, URI url) throws IOException {
    this.home = home;
    this.process = process;
    this.token = token(home);
    this.http = Http.withToken(url, token);
  }

  /**
   * Starts it in an empty home folder.
   *
   * @param root of the repository
   * @param home where its data and its log go
   */
  static OurServer start(Path root, Path home) throws IOException, InterruptedException {
    return start(root, home, Map.of());
  }

  /** The same without the limits that are for callers who ask too much: a benchmark does. */
  static OurServer unlimited(Path root, Path home, Map<String, String> settings)
      throws IOException, InterruptedException {
    Map<String, String> all = new HashMap<>(settings);
    all.put("AF_PRINCIPAL_REQUESTS_PER_SECOND", "1000000");
    all.put("AF_TENANT_REQUESTS_PER_SECOND", "1000000");
    return start(root, home, all);
  }

  /** The same with settings that are not the defaults. */
  private static OurServer start(Path root, Path home, Map<String, String> settings)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            root.resolve("af").toString(), "up", "--port", Integer.toString(Http.freePort()));
    builder.environment().put("AF_HOME", home.toString());
    builder.environment().putAll(settings);
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("server.log").toFile())
            .start();
    Path address = home.resolve(".agentflow/server.json");
    long deadlineNanos = System.nanoTime() + START_WITHIN.toNanos();
    while (!Files.exists(address)) {
      if (!process.isAlive() || System.nanoTime() > deadlineNanos) {
        throw new IllegalStateException(
            "no server: " + Files.readString(home.resolve("server.log")));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    URI url = URI.create(CanonicalJson.parse(Files.readString(address)).path("url").asText());
    return new OurServer(home, process, url);
  }

  private static String token(Path home) throws IOException {
    DevelopmentKey key =
        DevelopmentKey.parse(
            Files.readString(home.resolve(".agentflow").resolve(DevelopmentKey.FILE)));
    return Bearer.owner("default", "bench").token(key, Instant.now(), Bearer.LIFETIME_MAX);
  }

  Http http() {
    return http;
  }

  /** By which the benchmark speaks for itself, as the header {@code Authorization} has it. */
  String bearer() {
    return "Bearer " + token;
  }

  /** Whether it publishes to a bus as well: publishing where there is a nats-server. */
  String bridge() throws IOException {
    return CanonicalJson.parse(http.get("/v1/status").body()).path("bridge").path("state").asText();
  }

  /** The database is a process of its own, which is nobody's child. */
  Processes processes() throws IOException {
    long database = Long.parseLong(postmaster().getFirst().strip());
    return Processes.of(
        "worker and client", process.toHandle(), ProcessHandle.of(database).orElseThrow());
  }

  private List<String> postmaster() throws IOException {
    return Files.readAllLines(home.resolve(".agentflow/postgres/postmaster.pid"));
  }

  /** Its database, as the owner sees it. */
  DataSource database() throws IOException {
    Path folder = home.resolve(".agentflow");
    PGSimpleDataSource owner = new PGSimpleDataSource();
    owner.setPortNumbers(new int[] {Integer.parseInt(postmaster().get(3).strip())});
    owner.setDatabaseName("agentflow");
    owner.setUser("postgres");
    owner.setPassword(Files.readString(folder.resolve("postgres.password")).strip());
    return owner;
  }

  @Override
  public void close() {
    Processes.end(process);
  }
}

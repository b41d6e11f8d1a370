package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.cli.Bearer;
import io.agentflow.cli.DevelopmentKey;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.contract.Contract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** {@code af} as its users run it: the packaged jar as processes, in a home folder of its own. */
public final class ServerProcess implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofSeconds(90);
  private static final Path JAR = Path.of("target", "agentflow.jar").toAbsolutePath();

  /** Nothing outlives a test run that is broken off. */
  private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> STARTED.forEach(Process::destroy)));
  }

  private final Map<Bearer, String> tokens = new ConcurrentHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private static final int OF_ITS_OWN_CHOICE = 0;

  private final Path home;
  private final boolean isTemporary;
  private final Map<String, String> environment;
  private final String[] up;
  private Process process;
  private @Nullable Contract contract;

  private ServerProcess(Path home, boolean isTemporary, Map<String, String> environment, int port) {
    this.home = home;
    this.isTemporary = isTemporary;
    this.environment = environment;
    this.up =
        port == OF_ITS_OWN_CHOICE
            ? new String[] {"up"}
            : new String[] {"up", "--port", Integer.toString(port)};
    this.process = run();
  }

  /** As {@code ./af up} starts it: with services of its own. */
  public static ServerProcess start() {
    return start(Map.of("PATH", path()));
  }

  /** Where it finds a nats-server. */
  public static String path() {
    return NatsServerProcess.program().resolveSibling("") + ":" + System.getenv("PATH");
  }

  /** The same on the port that it finds; of several at once two might find the same. */
  static ServerProcess startOnAnyPort() throws IOException {
    return new ServerProcess(
        Files.createTempDirectory("agentflow"), true, Map.of("PATH", path()), OF_ITS_OWN_CHOICE);
  }

  public static ServerProcess start(Map<String, String> environment) {
    try {
      return new ServerProcess(
          Files.createTempDirectory("agentflow"), true, environment, freePort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In a folder that stays, on a port that stays. */
  static ServerProcess start(Path home, Map<String, String> environment, int port) {
    return new ServerProcess(home, false, environment, port);
  }

  /** Servers that start at the same time would look for the same one. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** From now on every answer has to be as documented. */
  ServerProcess heldTo(Contract documented) {
    contract = documented;
    return this;
  }

  private Process run() {
    Process started = af(home.resolve("up.log"), up);
    long deadlineNanos = System.nanoTime() + START_WITHIN.toNanos();
    while (!Files.exists(home.resolve(".agentflow/server.json"))) {
      if (!started.isAlive() || System.nanoTime() > deadlineNanos) {
        throw new IllegalStateException("no server: " + read(home.resolve("up.log")));
      }
      LockSupport.parkNanos(50_000_000);
    }
    return started;
  }

  /** What a server says before it is killed is not written over by the next. */
  private Process af(Path output, String... arguments) {
    return af(Map.of(), output, arguments);
  }

  private Process af(Map<String, String> more, Path output, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("AF_HOME", home.toString());
    builder.environment().putAll(environment);
    builder.environment().putAll(more);
    try {
      Process started =
          builder
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(output.toFile()))
              .start();
      STARTED.add(started);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A command that was run to its end. */
  record Ran(int exitCode, String output) {
    JsonNode json() {
      return CanonicalJson.parse(output);
    }
  }

  Ran run(String... arguments) {
    return result(begin(arguments));
  }

  /** The same where more is said by the environment. */
  Ran runWith(Map<String, String> more, String... arguments) {
    try {
      Path output = Files.createTempFile(home, "command", ".log");
      return result(new Begun(af(more, output, arguments), output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A command under way. */
  record Begun(Process process, Path output) {}

  Begun begin(String... arguments) {
    try {
      Path output = Files.createTempFile(home, "command", ".log");
      return new Begun(af(output, arguments), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Ran result(Begun begun) {
    try {
      if (!begun.process().waitFor(5, TimeUnit.MINUTES)) {
        throw new IllegalStateException("the command does not end: " + read(begun.output()));
      }
      return new Ran(begun.process().exitValue(), read(begun.output()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it serves. */
  String url() {
    return CanonicalJson.parse(read(home.resolve(".agentflow/server.json"))).path("url").asText();
  }

  private URI uri(String path) {
    return URI.create(url() + path);
  }

  public HttpResponse<String> get(String path, String... headers) {
    return send(request(path, headers).GET().build());
  }

  public HttpResponse<String> post(String path, String body, String... headers) {
    return send(
        request(path, headers)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8))
            .build());
  }

  /** With a token of the machine's owner, unless the headers have another. */
  public HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .timeout(START_WITHIN)
            .setHeader("Authorization", bearer("default", "tester"));
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    return request;
  }

  /** A header by which the machine's owner speaks for a tenant. */
  String[] in(String tenant) {
    return new String[] {"Authorization", bearer(tenant, "tester")};
  }

  /** A header by which the machine's owner speaks under a name. */
  String[] by(String actor) {
    return new String[] {"Authorization", bearer("default", actor)};
  }

  String bearer(String tenant, String actor) {
    return bearer(Bearer.owner(tenant, actor));
  }

  /** The same token while the test lasts. */
  public String bearer(Bearer bearer) {
    return tokens.computeIfAbsent(
        bearer, who -> "Bearer " + who.token(key(), Instant.now(), Bearer.LIFETIME_MAX));
  }

  /** By which the server trusts tokens in development. */
  DevelopmentKey key() {
    return DevelopmentKey.parse(read(home.resolve(".agentflow").resolve(DevelopmentKey.FILE)));
  }

  /** A request as somebody makes it who sends no token. */
  public HttpRequest.Builder bareRequest(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(START_WITHIN);
  }

  public HttpResponse<String> send(HttpRequest request) {
    try {
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      if (contract != null) {
        assertThat(contract.faults(answer)).isEmpty();
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  JsonNode status() {
    return CanonicalJson.parse(get("/v1/status").body());
  }

  long position() {
    return status().path("log").path("position").asLong();
  }

  /**
   * Waits until the bridge has passed the log's end; answers how many messages the mirror then has.
   */
  long awaitPublished() {
    long deadlineNanos = System.nanoTime() + START_WITHIN.toNanos();
    while (true) {
      JsonNode status = status();
      if (status.path("bridge").path("position").asLong()
          >= status.path("log").path("position").asLong()) {
        long messages = 0;
        for (JsonNode stream : status.path("bridge").path("streams")) {
          if (!stream.path("name").asText().equals("AF_EVENTS")) {
            messages += stream.path("messages").asLong();
          }
        }
        return messages;
      }
      if (System.nanoTime() > deadlineNanos) {
        throw new IllegalStateException("not published: " + status);
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  /** Runs a statement as the database's owner, who may do anything. */
  int asDatabaseOwner(String sql) throws SQLException {
    try (Connection connection = connectAsOwner(databasePassword());
        Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  /** Of the embedded database. */
  String databasePort() {
    return read(home.resolve(".agentflow/postgres/postmaster.pid")).lines().toList().get(3);
  }

  public String databasePassword() {
    return read(home.resolve(".agentflow/postgres.password")).strip();
  }

  public Connection connectAsOwner(String password) throws SQLException {
    String port = databasePort();
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + port + "/agentflow", "postgres", password);
  }

  /** As {@code kill -9} does it: PostgreSQL and nats-server live on as orphans. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    try {
      Files.delete(home.resolve(".agentflow/server.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void startAgain() {
    process = run();
  }

  /** As Ctrl-C does it. */
  void stop() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  /** All that it has said so far. */
  public String output() {
    return read(home.resolve("up.log"));
  }

  public Path home() {
    return home;
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (isTemporary) {
      deleteData();
    }
  }

  /** What the server said stays, for who looks into a failure. */
  private void deleteData() {
    try {
      FileSystemUtils.deleteRecursively(home.resolve(".agentflow"));
    } catch (IOException e) {
      System.err.println("left behind, as an orphan still writes there: " + e.getMessage());
    }
  }
}

package io.agentflow.bridge.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real nats-server with JetStream, which a test may kill and start again on the same data. Which
 * program it is, is told in the output; {@code AF_TEST_NATS_SERVER} names another.
 */
public final class NatsServerProcess implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NatsServerProcess.class);
  private static final Duration START_WITHIN = Duration.ofSeconds(20);
  private static final Set<Path> TOLD = ConcurrentHashMap.newKeySet();

  private final Path program;
  private final Path data;
  private final int port;
  private @Nullable Process process;

  private NatsServerProcess(Path program, Path data, int port) {
    this.program = program;
    this.data = data;
    this.port = port;
    if (TOLD.add(program)) {
      LOG.info("tests run on {}, {}", version(program), program);
    }
  }

  /** Starts one on a free port with empty data. */
  public static NatsServerProcess start() {
    return start(program());
  }

  /** Starts this program on a free port with empty data. */
  public static NatsServerProcess start(Path program) {
    NatsServerProcess server = absent(program);
    server.startAgain();
    return server;
  }

  /** One that does not run until it is started. */
  public static NatsServerProcess absent() {
    return absent(program());
  }

  private static NatsServerProcess absent(Path program) {
    try {
      Path data = Files.createTempDirectory("agentflow-nats");
      NatsServerProcess server = new NatsServerProcess(program, data, freePort());
      server.configure("");
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a program says of itself, for example {@code nats-server: v2.10.27}. */
  public static String version(Path program) {
    try {
      Process asked = new ProcessBuilder(program.toString(), "--version").start();
      return new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Gives it a configuration, for example of users and what is permitted to them; it holds once the
   * server is started again.
   */
  public void configure(String configuration) {
    try {
      Files.writeString(data.resolve("nats.conf"), configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The program: the one that is named, in the project's {@code .agentflow/bin/}, on the PATH. */
  public static Path program() {
    String named = System.getenv("AF_TEST_NATS_SERVER");
    if (named != null) {
      return Path.of(named);
    }
    Stream<Path> onPath =
        Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
            .map(folder -> Path.of(folder, "nats-server"));
    return Stream.concat(inProject("nats-server"), onPath)
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no nats-server; run ./dev setup"));
  }

  /** The oldest version that we support, where it was fetched: {@code ./dev setup} does. */
  public static Optional<Path> oldestProgram() {
    return inProject("nats-server-2.9").filter(Files::isExecutable).findFirst();
  }

  private static Stream<Path> inProject(String name) {
    return Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
        .map(folder -> folder.resolve(".agentflow/bin").resolve(name));
  }

  private Process run() {
    try {
      Process started =
          new ProcessBuilder(
                  program.toString(),
                  "--config",
                  data.resolve("nats.conf").toString(),
                  "--addr",
                  "127.0.0.1",
                  "--port",
                  Integer.toString(port),
                  "--jetstream",
                  "--store_dir",
                  data.toString())
              .redirectErrorStream(true)
              .redirectOutput(data.resolve("nats.log").toFile())
              .start();
      long deadlineNanos = System.nanoTime() + START_WITHIN.toNanos();
      while (!answers()) {
        if (System.nanoTime() > deadlineNanos || !started.isAlive()) {
          throw new IllegalStateException("nats-server does not start; see " + data);
        }
        LockSupport.parkNanos(10_000_000);
      }
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  public String url() {
    return "nats://127.0.0.1:" + port;
  }

  /** As {@code kill -9} does it. */
  public void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  public void startAgain() {
    process = run();
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}

package io.agentflow.bridge.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A real nats-server with JetStream, which a test may kill and start again on the same data. */
public final class NatsServerProcess implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofSeconds(20);

  private final Path data;
  private final int port;
  private Process process;

  private NatsServerProcess(Path data, int port) {
    this.data = data;
    this.port = port;
    this.process = run();
  }

  /** Starts one on a free port with empty data. */
  public static NatsServerProcess start() {
    try {
      return new NatsServerProcess(Files.createTempDirectory("agentflow-nats"), freePort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The program: in the project's {@code .agentflow/bin/}, else on the PATH. */
  public static Path program() {
    Stream<Path> inProject =
        Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
            .map(folder -> folder.resolve(".agentflow/bin/nats-server"));
    Stream<Path> onPath =
        Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
            .map(folder -> Path.of(folder, "nats-server"));
    return Stream.concat(inProject, onPath)
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no nats-server; run ./dev setup"));
  }

  private Process run() {
    try {
      Process started =
          new ProcessBuilder(
                  program().toString(),
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
    process.destroyForcibly().waitFor();
  }

  public void startAgain() {
    process = run();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

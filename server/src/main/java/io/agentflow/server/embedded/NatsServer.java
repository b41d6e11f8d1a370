package io.agentflow.server.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A nats-server with JetStream of the product's own, its data under the home folder. */
public final class NatsServer implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofSeconds(15);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(15);

  private final Process process;
  private final int port;
  private final Path pidFile;

  private NatsServer(Process process, int port, Path pidFile) {
    this.process = process;
    this.port = port;
    this.pidFile = pidFile;
  }

  /** The program, where there is one: {@code .agentflow/bin/} first, then the PATH. */
  public static Optional<Path> findProgram(Path home) {
    Stream<Path> onPath =
        Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
            .map(folder -> Path.of(folder, "nats-server"));
    return Stream.concat(Stream.of(home.resolve("bin/nats-server")), onPath)
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts it on loopback, on a free port, on the folder's data. */
  public static NatsServer start(Path program, Path home) {
    Path folder = home.resolve("nats");
    Path pidFile = folder.resolve("nats-server.pid");
    String leftOver = Home.readIfThere(pidFile);
    if (leftOver != null) {
      Orphan.end(Long.parseLong(leftOver.strip()), "nats-server", "TERM");
    }
    try {
      Files.createDirectories(folder);
      int port = freePort();
      Process process =
          new ProcessBuilder(
                  List.of(
                      program.toAbsolutePath().toString(),
                      "--addr",
                      "127.0.0.1",
                      "--port",
                      Integer.toString(port),
                      "--jetstream",
                      "--store_dir",
                      folder.resolve("data").toString(),
                      "--log",
                      folder.resolve("nats-server.log").toString()))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("nats-server.out").toFile())
              .start();
      Home.writeWhole(pidFile, Long.toString(process.pid()));
      NatsServer server = new NatsServer(process, port, pidFile);
      server.awaitStart(folder);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("nats-server does not start on " + folder, e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitStart(Path folder) throws IOException {
    long deadlineNanos = System.nanoTime() + START_WITHIN.toNanos();
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > deadlineNanos) {
        process.destroyForcibly();
        throw new IOException("it does not answer; see " + folder.resolve("nats-server.log"));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while it starts", e);
      }
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

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(pidFile);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + pidFile, e);
    }
  }
}

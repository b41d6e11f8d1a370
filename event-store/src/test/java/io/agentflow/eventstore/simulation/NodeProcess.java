package io.agentflow.eventstore.simulation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The driver's hold on a node that runs as a child process. */
final class NodeProcess {

  private final String name;
  private final Process process;
  private final Thread reader;
  private volatile int roundDone = -1;
  private volatile boolean killed;

  private NodeProcess(String name, Process process, Reports reports) {
    this.name = name;
    this.process = process;
    this.reader = Thread.ofPlatform().name(name).start(() -> read(reports));
  }

  /**
   * Starts a node on the tests' class path.
   *
   * @param reports takes what the node tells
   */
  static NodeProcess start(
      Path folder, CrashableServer server, long seed, int node, int incarnation, Reports reports) {
    String name = "node-%d.%d".formatted(node, incarnation);
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            // It lives for seconds: what matters is that it starts soon.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            SimulatedNode.class.getName(),
            server.jdbcUrl(name),
            Long.toString(seed),
            Integer.toString(node),
            Integer.toString(incarnation));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(Redirect.appendTo(folder.resolve(name + ".log").toFile()))
              .start();
      return new NodeProcess(name, process, reports);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its connections to the database go by this name, and its units start with its number. */
  String name() {
    return name;
  }

  /** Tells it to run a round, now or as soon as it has started. */
  void run(int round) {
    try {
      process.getOutputStream().write((round + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " is gone", e);
    }
  }

  boolean isDone(int round) {
    return roundDone >= round;
  }

  /** Whether it ended although nobody killed it. */
  boolean isGone() {
    return !killed && !process.isAlive();
  }

  void pause() throws InterruptedException {
    Signal.STOP.send(process.pid());
  }

  void resume() throws InterruptedException {
    Signal.CONT.send(process.pid());
  }

  /** Has it print its threads into its log. */
  void printThreads() throws InterruptedException {
    Signal.QUIT.send(process.pid());
  }

  /** Kills it, and returns when all that it told has been read. */
  void kill() throws InterruptedException {
    killed = true;
    // Not by the process itself: that would close the stream, and what it told last be lost.
    process.toHandle().destroyForcibly();
    process.waitFor();
    reader.join();
  }

  private void read(Reports reports) {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        List<String> words = new ArrayList<>(List.of(line.split(" ", -1)));
        if (!words.removeLast().equals(".")) {
          continue;
        }
        if (words.getFirst().equals("done")) {
          roundDone = Integer.parseInt(words.get(1));
        } else {
          reports.take(this, words);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

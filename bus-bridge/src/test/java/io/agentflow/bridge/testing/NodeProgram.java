package io.agentflow.bridge.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of {@code samples/nats-node}, run by Node with its libraries as they are pinned. */
public final class NodeProgram {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final long RUNS_SECONDS_MAX = 60;

  private NodeProgram() {}

  /**
   * What it printed.
   *
   * @param lines of its output, errors among them
   */
  public record Run(int exitCode, List<String> lines) {}

  /**
   * Runs it to its end.
   *
   * @throws IllegalStateException when there is no Node, or its libraries cannot be had
   */
  public static Run run(String program, String... arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("agentflow-node", ".txt");
    Process process = start(program, Map.of(), output, arguments);
    if (!process.waitFor(RUNS_SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return new Run(process.exitValue(), Files.readAllLines(output));
  }

  /** Starts one that ends when it is ended. */
  public static Process start(
      String program, Map<String, String> environment, Path output, String... arguments)
      throws IOException, InterruptedException {
    Process fetching =
        new ProcessBuilder(ROOT.resolve("scripts/fetch-nats-consumer").toString())
            .redirectErrorStream(true)
            .start();
    String told = new String(fetching.getInputStream().readAllBytes(), UTF_8);
    if (fetching.waitFor() != 0) {
      throw new IllegalStateException("no consumer in Node can be run: " + told);
    }
    List<String> command = new ArrayList<>(List.of("node"));
    command.add(ROOT.resolve(".agentflow/nats-node").resolve(program).toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }
}

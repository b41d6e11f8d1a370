package io.agentflow.bench;

import io.agentflow.bench.Contest.Effort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures what it is asked for, prints tables and writes JSON. */
public final class Bench {

  /** A heap that holds what a benchmark needs, but not a log of a million entries. */
  private static final int SMALL_HEAP_MIB = 256;

  private static final int HEAP_MIB = 2_048;

  private static final Map<String, Measurement> MEASUREMENTS = new LinkedHashMap<>();

  static {
    MEASUREMENTS.put(
        "append", new Measurement(HEAP_MIB, (effort, options) -> AppendBench.run(effort)));
    MEASUREMENTS.put(
        "commands", new Measurement(HEAP_MIB, (effort, options) -> CommandsBench.run(effort)));
    MEASUREMENTS.put(
        "stream", new Measurement(SMALL_HEAP_MIB, (effort, options) -> StreamBench.run(effort)));
    MEASUREMENTS.put(
        "verify", new Measurement(SMALL_HEAP_MIB, (effort, options) -> VerifyBench.run(effort)));
    MEASUREMENTS.put(
        "projections",
        new Measurement(HEAP_MIB, (effort, options) -> ProjectionsBench.run(effort)));
    MEASUREMENTS.put(
        "rebuild", new Measurement(HEAP_MIB, (effort, options) -> RebuildBench.run(effort)));
    MEASUREMENTS.put("http", new Measurement(HEAP_MIB, (effort, options) -> HttpBench.run(effort)));
    MEASUREMENTS.put(
        "history", new Measurement(HEAP_MIB, (effort, options) -> HistoryBench.run(effort)));
    MEASUREMENTS.put("bridge", new Measurement(HEAP_MIB, BridgeBench::run));
    MEASUREMENTS.put("ping-pong", new Measurement(HEAP_MIB, PingPongBench::run));
    MEASUREMENTS.put(
        "workflows", new Measurement(HEAP_MIB, (effort, options) -> WorkflowsBench.run(effort)));
  }

  private interface Run {
    Result with(Effort effort, Options options) throws Exception;
  }

  private record Measurement(int heapMib, Run run) {}

  private Bench() {}

  /**
   * Runs benchmarks, each in a JVM of its own with the heap that is its share.
   *
   * @param arguments the folder for the JSON, then the names of benchmarks (none: all of them) and,
   *     where only their working is of interest, {@code --quick}; of {@code bridge} and {@code
   *     ping-pong} also {@code --messages}, {@code --concurrency} and {@code --payload}
   */
  public static void main(String[] arguments) throws Exception {
    List<String> names = new ArrayList<>(List.of(arguments));
    Path folder = Path.of(names.removeFirst());
    boolean here = names.remove("--here");
    boolean quick = names.remove("--quick");
    Options options = Options.takenFrom(names);
    if (!MEASUREMENTS.keySet().containsAll(names)) {
      System.err.println("benchmarks are " + MEASUREMENTS.keySet() + ", not " + names);
      System.exit(2);
    }
    for (Map.Entry<String, Measurement> measurement : MEASUREMENTS.entrySet()) {
      if (!names.isEmpty() && !names.contains(measurement.getKey())) {
        continue;
      }
      if (here) {
        Result result =
            measurement.getValue().run().with(quick ? Effort.QUICK : Effort.ORDINARY, options);
        result.print();
        result.write(folder);
      } else {
        fork(measurement.getKey(), measurement.getValue().heapMib(), folder, quick, options);
      }
    }
    // The test's PostgreSQL ends with this JVM; other threads of its own must not keep it.
    System.exit(0);
  }

  private static void fork(String name, int heapMib, Path folder, boolean quick, Options options)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx" + heapMib + "m",
                "-Ddisable-axoniq-console-message=true",
                "-classpath",
                System.getProperty("java.class.path"),
                Bench.class.getName(),
                folder.toString(),
                name,
                "--here"));
    if (quick) {
      command.add("--quick");
    }
    command.addAll(options.arguments());
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0) {
      System.err.println("the benchmark " + name + " failed");
      System.exit(1);
    }
  }
}

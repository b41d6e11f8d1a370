package io.agentflow.bench;

import io.agentflow.bench.Contest.Effort;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures what it is asked for, prints tables and writes JSON. */
public final class Bench {

  private static final Map<String, Measurement> MEASUREMENTS = new LinkedHashMap<>();

  static {
    MEASUREMENTS.put("append", AppendBench::run);
    MEASUREMENTS.put("commands", CommandsBench::run);
    MEASUREMENTS.put("stream", StreamBench::run);
  }

  private interface Measurement {
    Result run(Effort effort) throws Exception;
  }

  private Bench() {}

  /**
   * Runs benchmarks.
   *
   * @param arguments the folder for the JSON, then the names of benchmarks (none: all of them) and,
   *     where only their working is of interest, {@code --quick}
   */
  public static void main(String[] arguments) throws Exception {
    List<String> names = new ArrayList<>(List.of(arguments));
    Path folder = Path.of(names.removeFirst());
    Effort effort = names.remove("--quick") ? Effort.QUICK : Effort.ORDINARY;
    if (!MEASUREMENTS.keySet().containsAll(names)) {
      System.err.println("benchmarks are " + MEASUREMENTS.keySet() + ", not " + names);
      System.exit(2);
    }
    for (Map.Entry<String, Measurement> measurement : MEASUREMENTS.entrySet()) {
      if (names.isEmpty() || names.contains(measurement.getKey())) {
        Result result = measurement.getValue().run(effort);
        result.print();
        result.write(folder);
      }
    }
  }
}

package io.agentflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an earlier run of a benchmark reached, as {@code docs/performance/} keeps it. Only ratios to
 * a peer in the same run are compared: so the machine's own speed is not.
 */
record Baseline(JsonNode result) {

  /** Part of the earlier ratio that a run may fall short of, as noise. */
  private static final double AT_LEAST = 0.8;

  static Optional<Baseline> of(String benchmark) throws IOException {
    Path file = Path.of("../docs/performance", benchmark + ".json");
    return Files.exists(file)
        ? Optional.of(new Baseline(CanonicalJson.parse(Files.readString(file))))
        : Optional.empty();
  }

  /** A target of this run, held against what it was; empty where it was not there. */
  static List<Target> compared(String benchmark, Target now) throws IOException {
    return of(benchmark)
        .flatMap(baseline -> baseline.reached(now.what()))
        .map(
            then ->
                Target.atLeast(
                    now.what() + ", beside the kept run's " + Math.round(then * 100) / 100.0,
                    now.reached() / then,
                    AT_LEAST,
                    "times"))
        .stream()
        .toList();
  }

  private Optional<Double> reached(String what) {
    for (JsonNode target : result.path("targets")) {
      if (target.path("what").asText().equals(what)) {
        return Optional.of(target.path("reached").asDouble());
      }
    }
    return Optional.empty();
  }
}

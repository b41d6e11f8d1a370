package io.agentflow.bench;

import io.agentflow.bench.Load.Measured;
import io.agentflow.bench.Load.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * Contenders that are measured in turns, round after round, because the machines are noisy: what
 * disturbs one disturbs its peers. The figure of each is the median of its rounds.
 */
final class Contest {

  private final int rounds;
  private final Duration warmUp;
  private final Duration measured;
  private final List<Contender> contenders = new ArrayList<>();

  private record Contender(String name, int clients, int unitsPerWork, Work work) {}

  /** How long everything is measured. */
  record Effort(int rounds, Duration warmUp, Duration measured) {
    static final Effort ORDINARY = new Effort(3, Duration.ofSeconds(3), Duration.ofSeconds(4));
    static final Effort QUICK = new Effort(1, Duration.ofMillis(500), Duration.ofMillis(500));
  }

  Contest(Effort effort) {
    this.rounds = effort.rounds();
    this.warmUp = effort.warmUp();
    this.measured = effort.measured();
  }

  /** A contender whose every piece of work counts one. */
  Contest with(String name, int clients, Work work) {
    return with(name, clients, 1, work);
  }

  /** A contender whose every piece of work counts many, for example the rows of a statement. */
  Contest with(String name, int clients, int unitsPerWork, Work work) {
    contenders.add(new Contender(name, clients, unitsPerWork, work));
    return this;
  }

  /** Measures all of them. */
  List<Figure> run() throws InterruptedException, ExecutionException {
    for (Contender contender : contenders) {
      Load.run(contender.clients(), warmUp, contender.work());
    }
    Map<Contender, List<Measured>> runs = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Contender contender : contenders) {
        runs.computeIfAbsent(contender, c -> new ArrayList<>())
            .add(Load.run(contender.clients(), measured, contender.work()));
      }
    }
    return runs.entrySet().stream()
        .map(
            run ->
                Figure.of(
                    run.getKey().name(),
                    run.getKey().clients(),
                    run.getKey().unitsPerWork(),
                    median(run.getValue())))
        .toList();
  }

  private static Measured median(List<Measured> runs) {
    List<Measured> sorted =
        runs.stream().sorted(Comparator.comparingLong(Measured::perSecond)).toList();
    return sorted.get(sorted.size() / 2);
  }
}

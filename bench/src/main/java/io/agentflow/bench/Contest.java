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

  /** What takes part: clients for a while, or a long piece of work that is done once a round. */
  private sealed interface Contender {
    Figure median(List<Measured> rounds);

    Measured run(Duration duration) throws InterruptedException, ExecutionException;
  }

  private record Clients(String name, int clients, int unitsPerWork, Work work, Processes processes)
      implements Contender {

    @Override
    public Measured run(Duration duration) throws InterruptedException, ExecutionException {
      Map<String, Long> earlier = processes.cpuMicros();
      Measured measured = Load.run(clients, duration, work);
      return measured.with(processes.cpuMicrosSince(earlier));
    }

    @Override
    public Figure median(List<Measured> rounds) {
      return Figure.of(name, clients, unitsPerWork, Contest.median(rounds));
    }
  }

  private record Once(String name, long units, Work work) implements Contender {

    @Override
    public Measured run(Duration duration) throws InterruptedException, ExecutionException {
      return Load.once(units, work);
    }

    @Override
    public Figure median(List<Measured> rounds) {
      return Figure.of(name, 1, 1, Contest.median(rounds));
    }
  }

  /** How long everything is measured. */
  record Effort(int rounds, Duration warmUp, Duration measured) {
    static final Effort ORDINARY = new Effort(3, Duration.ofSeconds(6), Duration.ofSeconds(4));
    static final Effort QUICK = new Effort(1, Duration.ofMillis(500), Duration.ofMillis(500));

    boolean isQuick() {
      return rounds == QUICK.rounds();
    }
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
    return with(name, clients, unitsPerWork, work, Processes.UNWATCHED);
  }

  /** A contender whose processes are watched: what they take of the processors is told as well. */
  Contest with(String name, int clients, int unitsPerWork, Work work, Processes processes) {
    contenders.add(new Clients(name, clients, unitsPerWork, work, processes));
    return this;
  }

  /** A contender that does all of its units in one piece of work. */
  Contest once(String name, long units, Work work) {
    contenders.add(new Once(name, units, work));
    return this;
  }

  /** Measures all of them. */
  List<Figure> run() throws InterruptedException, ExecutionException {
    for (Contender contender : contenders) {
      contender.run(warmUp);
    }
    Map<Contender, List<Measured>> runs = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Contender contender : contenders) {
        runs.computeIfAbsent(contender, c -> new ArrayList<>()).add(contender.run(measured));
      }
    }
    return runs.entrySet().stream().map(run -> run.getKey().median(run.getValue())).toList();
  }

  private static Measured median(List<Measured> runs) {
    List<Measured> sorted =
        runs.stream().sorted(Comparator.comparingDouble(Measured::perSecond)).toList();
    return sorted.get(sorted.size() / 2);
  }
}

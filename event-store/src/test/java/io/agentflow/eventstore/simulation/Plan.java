package io.agentflow.eventstore.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * All that one seed decides: how much is written by whom and to what, and what is broken when. The
 * same seed gives the same plan. What it does not decide is when the operating system lets which
 * process run: a replay meets the same faults at the same progress, not at the same instruction.
 *
 * @param tenants that share the log
 * @param sharedAggregates that all writers of all nodes append to, so that they conflict
 * @param rounds the last one is calm
 */
record Plan(long seed, int tenants, int sharedAggregates, List<Round> rounds) {

  static final int NODES = 2;

  private static final int WRITERS_MAX = 12;

  /**
   * Writers of both nodes append side by side, while faults happen.
   *
   * @param seed of the writers' generators
   * @param faults in the order of their time
   */
  record Round(int number, long seed, int writersPerNode, int unitsPerWriter, List<Fault> faults) {

    /** How many units of work are tried by nodes that nobody kills. */
    int units() {
      return NODES * writersPerNode * unitsPerWriter;
    }
  }

  /**
   * When something breaks: tied to progress, so that it meets work on a slow machine and on a fast
   * one.
   *
   * @param unitsPercent how many of the round's units have come to their end
   * @param delayMicros how much later
   */
  record When(int unitsPercent, long delayMicros) {}

  /** Something that breaks. */
  sealed interface Fault {
    When when();
  }

  /** Connections are shot, each with a probability, several times in a row. */
  record TerminateBackends(When when, int times, int sharePercent, long pauseMicros)
      implements Fault {}

  /** PostgreSQL ends at once, amid commits that are not yet durable, and comes back in a while. */
  record RestartDatabase(When when, long downMillis) implements Fault {}

  /** A node is killed, and a fresh one takes its place. */
  record KillNode(When when, int node) implements Fault {}

  /**
   * A node stands still while the other goes on; then it is resumed, or killed.
   *
   * @param holdingHead whether to look for a moment at which it holds the lock on the head
   */
  record PauseNode(When when, int node, boolean holdingHead, long pauseMillis, boolean thenKill)
      implements Fault {}

  /**
   * A commit is durable, but its client is not told, and then it never is: what breaks is drawn.
   *
   * @param downMillis how long the database stays away when it is the database
   */
  record BreakCommit(When when, What what, long downMillis) implements Fault {
    enum What {
      CONNECTION,
      DATABASE,
      NODE
    }
  }

  /** What is meant to become of a unit of work when nothing breaks. */
  enum Intent {
    /** Appended, unless another was faster. */
    APPENDED,
    /** Refused, because an aggregate has moved on or is not yet there. */
    OUT_OF_SEQUENCE,
    /** Refused by the database, because an event id is taken. */
    POISONED,
    /** Rolled back before it reaches the log. */
    ROLLED_BACK
  }

  /**
   * The events of one aggregate in a unit of work.
   *
   * @param sharedAggregate its number, or -1 for an aggregate that this unit creates
   * @param amounts one an event
   */
  record Part(int sharedAggregate, List<UUID> eventIds, List<Long> amounts) {}

  /**
   * What a writer tries to append together.
   *
   * @param choice decides the rest, for example which event is the poisoned one; from 0
   */
  record PlannedUnit(Intent intent, List<Part> parts, int choice) {}

  static Plan of(long seed) {
    SplittableGenerator random = generator(seed);
    int rounds = random.nextInt(2, 4);
    List<List<Fault>> faults =
        IntStream.range(0, rounds).<List<Fault>>mapToObj(i -> new ArrayList<>()).toList();
    List<Fault> all = faults(random);
    Collections.shuffle(all, Random.from(random));
    for (int i = 0; i < all.size(); i++) {
      faults.get(i % rounds).add(all.get(i));
    }
    List<Round> played = new ArrayList<>();
    for (List<Fault> ofRound : faults) {
      ofRound.sort(
          Comparator.comparingInt((Fault fault) -> fault.when().unitsPercent())
              .thenComparingLong(fault -> fault.when().delayMicros()));
      played.add(round(played.size(), ofRound, random));
    }
    played.add(round(played.size(), List.of(), random));
    return new Plan(seed, random.nextInt(1, 5), random.nextInt(4, 40), List.copyOf(played));
  }

  static SplittableGenerator generator(long seed) {
    return RandomGeneratorFactory.<SplittableGenerator>of("L64X128MixRandom").create(seed);
  }

  private static Round round(int number, List<Fault> faults, RandomGenerator random) {
    return new Round(
        number,
        random.nextLong(),
        random.nextInt(3, WRITERS_MAX + 1),
        random.nextInt(20, 60),
        List.copyOf(faults));
  }

  /** Each kind once. */
  private static List<Fault> faults(RandomGenerator random) {
    List<Fault> faults = new ArrayList<>();
    faults.add(
        new TerminateBackends(
            when(random), random.nextInt(1, 30), random.nextInt(20, 101), random.nextLong(15_000)));
    faults.add(new RestartDatabase(when(random), downMillis(random)));
    faults.add(new KillNode(when(random), random.nextInt(NODES)));
    faults.add(
        new PauseNode(
            when(random),
            random.nextInt(NODES),
            random.nextBoolean(),
            random.nextLong(100, 3_500),
            random.nextInt(3) == 0));
    for (BreakCommit.What what : BreakCommit.What.values()) {
      faults.add(new BreakCommit(when(random), what, downMillis(random)));
    }
    return faults;
  }

  private static When when(RandomGenerator random) {
    return new When(random.nextInt(3, 80), random.nextLong(30_000));
  }

  private static long downMillis(RandomGenerator random) {
    return random.nextBoolean() ? 0 : random.nextLong(3_000);
  }

  /**
   * What one writer tries in a round, in order. Each has a generator of its own, split off the
   * round's.
   *
   * @param incarnation how many nodes were killed in this place before this one
   */
  List<PlannedUnit> units(Round round, int node, int incarnation, int writer) {
    SplittableGenerator trunk = generator(round.seed());
    SplittableGenerator own = trunk.split();
    for (int i = (incarnation * NODES + node) * WRITERS_MAX + writer; i > 0; i--) {
      own = trunk.split();
    }
    SplittableGenerator random = own;
    return Stream.generate(() -> unit(random)).limit(round.unitsPerWriter()).toList();
  }

  /** How a unit is called in the log and in what the nodes tell. */
  static String unitName(Round round, int node, int incarnation, int writer, int index) {
    return "%d-%d.%d-%d-%d".formatted(round.number(), node, incarnation, writer, index);
  }

  private PlannedUnit unit(RandomGenerator random) {
    int dice = random.nextInt(100);
    Intent intent =
        dice < 80
            ? Intent.APPENDED
            : dice < 86 ? Intent.OUT_OF_SEQUENCE : dice < 92 ? Intent.POISONED : Intent.ROLLED_BACK;
    int aggregates = random.nextInt(3) > 0 ? 1 : random.nextInt(2, 5);
    List<Integer> shared =
        random.ints(0, sharedAggregates).distinct().limit(aggregates).boxed().toList();
    List<Part> parts =
        shared.stream()
            .map(number -> part(random.nextInt(3) > 0 ? number : -1, intent, random))
            .toList();
    return new PlannedUnit(intent, parts, random.nextInt(1_000));
  }

  private static Part part(int sharedAggregate, Intent intent, RandomGenerator random) {
    // A poisoned unit may have to repeat an id of its own.
    int least = intent == Intent.POISONED ? 2 : 1;
    int events = random.nextBoolean() ? least : random.nextInt(least, 7);
    return new Part(
        sharedAggregate,
        Stream.generate(() -> new UUID(random.nextLong(), random.nextLong()))
            .limit(events)
            .toList(),
        LongStream.generate(() -> random.nextLong(1_000)).limit(events).boxed().toList());
  }
}

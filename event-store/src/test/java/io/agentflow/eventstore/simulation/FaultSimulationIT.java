package io.agentflow.eventstore.simulation;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Two nodes append to one database, while connections break, PostgreSQL crashes and nodes are
 * killed or stand still. {@code ./dev sim} runs it for longer.
 *
 * <p>A seed decides the whole plan, which is replayed exactly; the operating system's scheduling is
 * not. What one run found, a replay finds likely, not surely.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process is paused by POSIX signals")
class FaultSimulationIT {

  private static final long DRAWN_SEED_MAX = 1_000_000_000L;
  private static final Path FOLDER = Path.of("target", "simulation").toAbsolutePath();

  @Test
  void whatever_breaks_the_acknowledged_stays_the_refused_is_gone_and_the_projection_agrees()
      throws IOException {
    SimulatedNode.quietLogs();
    long seed =
        Long.getLong("simulation.seed", ThreadLocalRandom.current().nextLong(DRAWN_SEED_MAX));
    Duration atLeast = Duration.ofMinutes(Integer.getInteger("simulation.minutes", 0));
    long deadlineNanos = System.nanoTime() + atLeast.toNanos();
    RandomGenerator furtherSeeds = Plan.generator(seed);
    do {
      System.out.println("simulating; replay with ./dev sim " + seed);
      System.out.println(Simulation.run(seed, FOLDER.resolve(Long.toString(seed))));
      seed = furtherSeeds.nextLong(DRAWN_SEED_MAX);
    } while (System.nanoTime() < deadlineNanos);
  }
}

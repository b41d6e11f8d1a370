package io.agentflow.eventstore.postgres;

import java.time.Duration;

/**
 * The writer's limits.
 *
 * @param queueUnitsMax units of work that may wait to be written
 * @param batchEntriesMax entries after which a batch takes no further unit
 * @param enqueueTimeout how long a caller waits for a place in the queue before it is refused
 * @param lookupTimeout how long the writer tries to learn the outcome of a commit that broke off
 */
public record LogWriterSettings(
    int queueUnitsMax, int batchEntriesMax, Duration enqueueTimeout, Duration lookupTimeout) {

  public static final LogWriterSettings DEFAULT =
      new LogWriterSettings(4_096, 1_000, Duration.ofSeconds(5), Duration.ofSeconds(15));
}

package io.agentflow.eventstore.postgres;

import java.time.Duration;

/**
 * The writer's limits.
 *
 * @param queueUnitsMax units of work that may wait to be written
 * @param batchEntriesMax entries after which a batch takes no further unit
 * @param enqueueTimeout how long a caller waits for a place in the queue before it is refused
 * @param lookupTimeout how long the writer tries to learn the outcome of an append that broke off
 * @param databaseTimeout how long the database may take to answer before its connection is given up
 * @param lockHeldMax how long a node that stands still may hold the lock of the log's head
 */
public record LogWriterSettings(
    int queueUnitsMax,
    int batchEntriesMax,
    Duration enqueueTimeout,
    Duration lookupTimeout,
    Duration databaseTimeout,
    Duration lockHeldMax) {

  public static final LogWriterSettings DEFAULT =
      new LogWriterSettings(
          4_096,
          1_000,
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10));
}

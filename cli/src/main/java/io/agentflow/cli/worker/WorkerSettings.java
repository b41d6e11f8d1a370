package io.agentflow.cli.worker;

import java.time.Duration;

/**
 * How a worker works.
 *
 * @param concurrency most steps at once, from 1
 * @param lease for how long a step is kept by each heartbeat
 * @param pollWait how long the server holds a request for steps while there are none
 * @param stepLimit longest time of one step, whatever its plan allows
 */
public record WorkerSettings(
    int concurrency, Duration lease, Duration pollWait, Duration stepLimit) {

  private static final int HEARTBEATS_A_LEASE = 3;
  private static final Duration FIRST_LEASE_MAX = Duration.ofSeconds(5);

  /** Two heartbeats may be lost before the lease is. */
  Duration heartbeatEvery() {
    return lease.dividedBy(HEARTBEATS_A_LEASE);
  }

  /**
   * For how long a step is taken: short, until the first heartbeat says that it has arrived. What
   * is handed out to a worker that is gone is soon another's.
   */
  Duration firstLease() {
    return lease.compareTo(FIRST_LEASE_MAX) < 0 ? lease : FIRST_LEASE_MAX;
  }

  /** Also the pause after a heartbeat that nobody has heard. */
  Duration firstHeartbeatAfter() {
    return firstLease().dividedBy(HEARTBEATS_A_LEASE);
  }

  /** The shorter of the plan's limit, where it has one, and the worker's own. */
  Duration limitOf(Lease lease) {
    Duration plans = Duration.ofMillis(lease.timeoutMillis());
    return plans.isZero() || plans.compareTo(stepLimit) > 0 ? stepLimit : plans;
  }
}

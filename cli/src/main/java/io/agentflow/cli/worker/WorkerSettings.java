package io.agentflow.cli.worker;

import java.time.Duration;

/**
 * How a worker works.
 *
 * @param concurrency most steps at once, from 1
 * @param lease for how long a step is taken, and kept by each heartbeat
 * @param pollWait how long the server holds a request for steps while there are none
 * @param stepLimit longest time of one step, whatever its plan allows
 */
public record WorkerSettings(
    int concurrency, Duration lease, Duration pollWait, Duration stepLimit) {

  private static final int HEARTBEATS_A_LEASE = 3;

  /** Two heartbeats may be lost before the lease is. */
  Duration heartbeatEvery() {
    return lease.dividedBy(HEARTBEATS_A_LEASE);
  }

  /** The shorter of the plan's limit, where it has one, and the worker's own. */
  Duration limitOf(Lease lease) {
    Duration plans = Duration.ofMillis(lease.timeoutMillis());
    return plans.isZero() || plans.compareTo(stepLimit) > 0 ? stepLimit : plans;
  }
}

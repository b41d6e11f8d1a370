package io.agentflow.domain.budget;

import io.agentflow.domain.Spend;
import org.jspecify.annotations.Nullable;

/**
 * What a budget has, and where it is.
 *
 * @param limit never to be passed by what is given out
 * @param softLimit what may be passed, but is told; null where there is none
 * @param allocated what slices have
 * @param reserved what is set aside and not yet settled or released
 * @param spent what was settled in the present period
 */
public record Balance(
    Spend limit, @Nullable Spend softLimit, Spend allocated, Spend reserved, Spend spent) {

  /** A budget of which nothing was used. */
  static Balance untouched(Spend limit) {
    return new Balance(limit, null, Spend.NONE, Spend.NONE, Spend.NONE);
  }

  /** What was given out in any way. */
  public Spend inUse() {
    return allocated.plus(reserved).plus(spent);
  }

  /** What may still be given out. Below nothing where usage truly was above its reservation. */
  public Spend remaining() {
    return limit.minus(inUse());
  }

  /** What alarms look at: a slice has alarms of its own. */
  public Spend used() {
    return reserved.plus(spent);
  }

  Balance limitedTo(Spend newLimit, @Nullable Spend newSoftLimit) {
    return new Balance(newLimit, newSoftLimit, allocated, reserved, spent);
  }

  Balance withAllocated(Spend newAllocated) {
    return new Balance(limit, softLimit, newAllocated, reserved, spent);
  }

  Balance withReserved(Spend newReserved) {
    return new Balance(limit, softLimit, allocated, newReserved, spent);
  }

  Balance withSpent(Spend newSpent) {
    return new Balance(limit, softLimit, allocated, reserved, newSpent);
  }
}

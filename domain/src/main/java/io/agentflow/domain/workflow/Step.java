package io.agentflow.domain.workflow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a step of a running plan stands.
 *
 * @param attempt the attempt under way or the last one; 0 before the first
 * @param compensation whether the attempt undoes the step
 * @param approved whether people have let it happen
 * @param leasesLost attempts that ended because their worker was not heard of any more
 * @param leaseToken held by the worker that has it now
 * @param dueAt when the pause or the wait is over
 * @param result what it led to, once it is completed
 */
public record Step(
    Phase phase,
    int attempt,
    boolean compensation,
    boolean approved,
    int leasesLost,
    @Nullable String leaseToken,
    @Nullable String agentId,
    @Nullable Instant dueAt,
    @Nullable String result) {

  /** Before anything happened to it. */
  public static final Step WAITING =
      new Step(Phase.WAITING, 0, false, false, 0, null, null, null, null);

  /** What a step waits for, or how it ended. */
  public enum Phase {
    /** For the steps that it needs. */
    WAITING,
    /** For people to approve. */
    ASKING,
    /** For a worker. */
    READY,
    /** For its worker's answer. */
    ASSIGNED,
    /** For the pause before the next attempt to end. */
    BACKING_OFF,
    /** For its time, or for a signal. */
    TIMED,
    COMPLETED,
    FAILED,
    SKIPPED,
    CANCELLED,
    /** Completed, and undone again. */
    UNDONE
  }

  /** Whether steps that need it can begin. */
  boolean isDone() {
    return phase == Phase.COMPLETED || phase == Phase.SKIPPED;
  }

  /** Whether something of it is under way. */
  boolean isOpen() {
    return switch (phase) {
      case ASKING, READY, ASSIGNED, BACKING_OFF, TIMED -> true;
      case WAITING, COMPLETED, FAILED, SKIPPED, CANCELLED, UNDONE -> false;
    };
  }

  Step in(Phase next) {
    return new Step(next, attempt, compensation, approved, leasesLost, null, agentId, null, result);
  }

  Step ready(int nextAttempt, boolean undoing) {
    return new Step(
        Phase.READY, nextAttempt, undoing, approved, leasesLost, null, null, null, result);
  }

  Step assigned(String token, String toAgentId) {
    return new Step(
        Phase.ASSIGNED,
        attempt,
        compensation,
        approved,
        leasesLost,
        token,
        toAgentId,
        null,
        result);
  }

  Step due(Phase next, int nextAttempt, @Nullable Instant at) {
    return new Step(next, nextAttempt, compensation, approved, leasesLost, null, null, at, result);
  }

  Step completed(String with) {
    return new Step(
        Phase.COMPLETED, attempt, compensation, approved, leasesLost, null, agentId, null, with);
  }

  Step withApproval() {
    return new Step(
        phase, attempt, compensation, true, leasesLost, leaseToken, agentId, dueAt, result);
  }

  Step leaseLost() {
    return new Step(
        Phase.FAILED, attempt, compensation, approved, leasesLost + 1, null, agentId, null, result);
  }
}

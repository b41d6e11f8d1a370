package io.agentflow.domain.workflow;

import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.AutonomyMode.Ruling;
import io.agentflow.domain.planning.AutonomyMode.Verdict;
import io.agentflow.domain.planning.PlanStep;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a step of a running plan stands.
 *
 * @param attempt the last attempt that was announced; 0 before the first
 * @param announced whether that attempt is under way: what is reserved for it is not settled yet
 * @param compensation whether the attempt undoes the step
 * @param approved whether people have let it happen
 * @param failures attempts that failed, as far as they count for its retry policy
 * @param leasesLost attempts that ended because their worker was not heard of any more, and that
 *     were forgiven
 * @param leaseToken held by the worker that has it now
 * @param dueAt when the pause, the wait or the attempt's time is over
 * @param progress what its worker last said of how far it is
 * @param result what it led to, once it is completed
 */
public record Step(
    Phase phase,
    int attempt,
    boolean announced,
    boolean compensation,
    boolean approved,
    int failures,
    int leasesLost,
    @Nullable String leaseToken,
    @Nullable String agentId,
    @Nullable Instant dueAt,
    @Nullable Fingerprint progress,
    @Nullable String result) {

  /** Before anything happened to it. */
  public static final Step WAITING =
      new Step(Phase.WAITING, 0, false, false, false, 0, 0, null, null, null, null, null);

  /** Attempts that may end without a word of their worker before that counts as a failure. */
  static final int LEASES_LOST_MAX = 10;

  /** What a step waits for, or how it ended. */
  public enum Phase {
    /** For the steps that it needs. */
    WAITING,
    /** For people to approve. */
    ASKING,
    /** For its budget to have room for its next attempt. */
    UNFUNDED,
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
    /** Not wanted any more; begins anew should its workflow go on. */
    CANCELLED,
    /** Completed, and undone again. */
    UNDONE
  }

  /**
   * What a mode says to the step as it stands. What is undone, or was approved, is not asked about;
   * where nothing runs, neither does it.
   */
  public Verdict judge(AutonomyMode mode, PlanStep planned) {
    Verdict verdict = mode.judge(planned);
    if (verdict.ruling() == Ruling.REFUSE) {
      return verdict;
    }
    if (compensation) {
      return new Verdict(Ruling.RUN, "what is undone needs no approval");
    }
    return approved ? new Verdict(Ruling.RUN, "it was approved") : verdict;
  }

  /** Whether steps that need it can begin. */
  boolean isDone() {
    return phase == Phase.COMPLETED || phase == Phase.SKIPPED;
  }

  /** Whether it begins once the steps that it needs are done. */
  boolean canBegin() {
    return phase == Phase.WAITING || phase == Phase.CANCELLED;
  }

  /** Whether something of it is under way. */
  boolean isOpen() {
    return switch (phase) {
      case ASKING, UNFUNDED, READY, ASSIGNED, BACKING_OFF, TIMED -> true;
      case WAITING, COMPLETED, FAILED, SKIPPED, CANCELLED, UNDONE -> false;
    };
  }

  /** Whether it waits for its budget since this attempt. */
  boolean isUnfunded(int sinceAttempt) {
    return phase == Phase.UNFUNDED && attempt == sinceAttempt;
  }

  /** The phase in words, and the attempt where one is ready. */
  String standing() {
    String words = phase.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return phase == Phase.READY ? words + ", attempt " + attempt : words;
  }

  /** Whether one more lost lease starts the next attempt at once, without counting. */
  boolean forgivesLostLease() {
    return leasesLost < LEASES_LOST_MAX;
  }

  /** Its attempt, if there was one, is over. */
  Step in(Phase next) {
    return to(next, null, result);
  }

  Step ready(int nextAttempt, boolean undoing) {
    boolean turns = undoing && !compensation;
    return new Step(
        Phase.READY,
        nextAttempt,
        true,
        undoing,
        approved,
        turns ? 0 : failures,
        turns ? 0 : leasesLost,
        null,
        null,
        null,
        null,
        result);
  }

  Step assigned(String token, String toAgentId, @Nullable Instant timeoutAt) {
    return new Step(
        Phase.ASSIGNED,
        attempt,
        announced,
        compensation,
        approved,
        failures,
        leasesLost,
        token,
        toAgentId,
        timeoutAt,
        null,
        result);
  }

  /** It waits for a time, or only for a signal. */
  Step due(Phase next, @Nullable Instant at) {
    return to(next, at, result);
  }

  Step completed(String with) {
    return to(Phase.COMPLETED, null, with);
  }

  /** Its attempt failed. */
  Step failed(boolean leaseLost) {
    boolean forgiven = leaseLost && forgivesLostLease();
    return counting(forgiven ? failures : failures + 1, forgiven ? leasesLost + 1 : leasesLost)
        .in(Phase.FAILED);
  }

  /** What failed before counts no more. */
  Step afresh() {
    return counting(0, 0);
  }

  Step withApproval() {
    return new Step(
        phase,
        attempt,
        announced,
        compensation,
        true,
        failures,
        leasesLost,
        leaseToken,
        agentId,
        dueAt,
        progress,
        result);
  }

  Step progressed(Fingerprint report) {
    return new Step(
        phase,
        attempt,
        announced,
        compensation,
        approved,
        failures,
        leasesLost,
        leaseToken,
        agentId,
        dueAt,
        report,
        result);
  }

  private Step counting(int failed, int lost) {
    return new Step(
        phase,
        attempt,
        announced,
        compensation,
        approved,
        failed,
        lost,
        leaseToken,
        agentId,
        dueAt,
        progress,
        result);
  }

  private Step to(Phase next, @Nullable Instant at, @Nullable String with) {
    return new Step(
        next,
        attempt,
        false,
        compensation,
        approved,
        failures,
        leasesLost,
        null,
        agentId,
        at,
        null,
        with);
  }
}

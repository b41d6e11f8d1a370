package io.agentflow.domain.planning;

import io.agentflow.domain.Fingerprint;

/**
 * How often a failed step is tried again, and after which pause. The pause grows by a factor from
 * one attempt to the next, up to a maximum, and is then moved by the jitter to either side.
 *
 * @param attemptsMax attempts in all, from 1
 * @param backoffMillis pause before the second attempt
 * @param backoffFactorPercent by how much each further pause is longer: 200 doubles it
 * @param backoffMillisMax the longest pause, before jitter
 * @param jitterPercent how far a pause may be moved to either side, 0 to 100
 */
public record RetryPolicy(
    int attemptsMax,
    long backoffMillis,
    int backoffFactorPercent,
    long backoffMillisMax,
    int jitterPercent) {

  /** One attempt, and no other. */
  public static final RetryPolicy NONE = new RetryPolicy(1, 0, 100, 0, 0);

  /** Whether there is another attempt after this one. */
  public boolean allowsAfter(int attempt) {
    return attempt < attemptsMax;
  }

  /**
   * The pause after a failed attempt. The jitter is drawn from the step's name and attempt instead
   * of at random: the same history gives the same times.
   *
   * @param attempt the attempt that failed, from 1
   */
  public long pauseMillisAfter(int attempt, String workflowId, String stepId) {
    double pause = backoffMillis;
    for (int i = 1; i < attempt && pause < backoffMillisMax; i++) {
      pause = pause * backoffFactorPercent / 100.0;
    }
    pause = Math.min(pause, (double) backoffMillisMax);
    long drawn = Fingerprint.of(workflowId, stepId, attempt).bits() >>> 1;
    double side = 2.0 * drawn / Long.MAX_VALUE - 1;
    return Math.round(pause * (1 + side * jitterPercent / 100));
  }
}

package io.agentflow.client;

import java.time.Duration;

/**
 * How long a client goes on with a request that fails for the moment: no connection, or one that
 * broke; 429, 502, 503 and 504; a key that is in use; a change by another at the same moment.
 *
 * @param attemptsMax how often a request is sent, at least 1
 * @param timeMax after so much no pause begins that would last longer, and no answer is waited for
 * @param firstPause between the first two attempts, give or take a quarter; each further pause is
 *     twice as long
 * @param longestPause where pauses stop growing; a {@code Retry-After} that is longer counts
 * @param alsoFaults whether a 500 is tried again as well
 */
public record Retries(
    int attemptsMax,
    Duration timeMax,
    Duration firstPause,
    Duration longestPause,
    boolean alsoFaults) {

  private static final int DOUBLINGS_MAX = 20;

  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  /**
   * Twenty attempts within a minute, which outlasts a server that is started again. The longest
   * pause is shorter than the five seconds for which a server that is back spares leases.
   */
  public static final Retries DEFAULT =
      new Retries(20, Duration.ofMinutes(1), Duration.ofMillis(200), Duration.ofSeconds(3), false);

  /** One attempt. */
  public static final Retries NONE = DEFAULT.attempts(1);

  /**
   * Refuses what would be no attempt or no time.
   *
   * @throws IllegalArgumentException when there is less than one attempt, or a time is not above 0
   */
  public Retries {
    if (attemptsMax < 1) {
      throw new IllegalArgumentException("attemptsMax must be at least 1, not " + attemptsMax);
    }
    if (!timeMax.isPositive() || !firstPause.isPositive() || !longestPause.isPositive()) {
      throw new IllegalArgumentException("times must be above 0");
    }
  }

  /** The same with another number of attempts. */
  public Retries attempts(int max) {
    return new Retries(max, timeMax, firstPause, longestPause, alsoFaults);
  }

  /** The same with another bound on the time of all attempts together. */
  public Retries within(Duration max) {
    return new Retries(attemptsMax, max, firstPause, longestPause, alsoFaults);
  }

  /**
   * The same pauses for what has to arrive, however long the server is away or fails; an interrupt
   * ends it.
   */
  public Retries untilAnswered() {
    return new Retries(Integer.MAX_VALUE, FOR_EVER, firstPause, longestPause, true);
  }

  /**
   * The pause behind an attempt.
   *
   * @param attempt from 1
   * @param retryAfterSeconds what the server asks for; 0 where it asks for nothing
   * @param chance 0 to 1: clients that failed together do not come back together
   */
  Duration pause(int attempt, long retryAfterSeconds, double chance) {
    long grown =
        Math.min(
            longestPause.toMillis(), firstPause.toMillis() << Math.min(attempt - 1, DOUBLINGS_MAX));
    long jittered = Math.round(grown * (0.75 + chance / 2));
    return Duration.ofMillis(
        Math.max(jittered, Math.round(retryAfterSeconds * 1_000 * (1 + chance / 10))));
  }
}

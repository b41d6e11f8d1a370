package io.agentflow.bridge;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Whether a stream is published to, or left in peace after failures.
 *
 * @param failures how many there were since it worked last
 * @param until when it is tried again; only while open
 */
public record Circuit(State state, int failures, @Nullable Instant until) {

  /** What is tried. */
  public enum State {
    /** All is published. */
    CLOSED,
    /** Nothing is tried until the time is over. */
    OPEN,
    /** One message is tried, or the stream looked at where none waits. */
    HALF_OPEN
  }

  static final Circuit HEALTHY = new Circuit(State.CLOSED, 0, null);

  private static final int DOUBLINGS_MAX = 10;

  /** After one more failure; tried again after the wait. */
  Circuit failed(Duration wait) {
    return new Circuit(State.OPEN, failures + 1, Instant.now().plus(wait));
  }

  Circuit tried() {
    return failures == 0 ? HEALTHY : new Circuit(State.HALF_OPEN, failures, null);
  }

  /**
   * How long to wait after a failure at this state. Doubles up to the maximum, a quarter more or
   * less, so that nodes and streams do not knock in step.
   */
  Duration backoff(BridgeSettings settings) {
    long millis =
        Math.min(
            settings.backoffMax().toMillis(),
            settings.backoffMin().toMillis() << Math.min(failures, DOUBLINGS_MAX));
    return Duration.ofMillis((long) (millis * ThreadLocalRandom.current().nextDouble(0.75, 1.25)));
  }
}

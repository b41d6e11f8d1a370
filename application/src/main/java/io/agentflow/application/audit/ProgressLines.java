package io.agentflow.application.audit;

import io.agentflow.application.intake.JsonLines;
import io.agentflow.eventstore.verify.Progress;
import java.time.Duration;

/** Tells progress to a client, at most four times a second. */
final class ProgressLines implements Progress {

  private static final long BETWEEN_NANOS = Duration.ofMillis(250).toNanos();

  private final JsonLines lines;
  private long toldAtNanos = System.nanoTime() - BETWEEN_NANOS;

  ProgressLines(JsonLines lines) {
    this.lines = lines;
  }

  /** How far it is. */
  record Reached(long entries, long total) {}

  @Override
  public void reached(long entries, long total) {
    long nowNanos = System.nanoTime();
    // Nothing read of nothing is no progress: the answer may still be that there is no such tenant.
    if (total > 0 && nowNanos - toldAtNanos >= BETWEEN_NANOS) {
      toldAtNanos = nowNanos;
      lines.write("progress", new Reached(entries, total));
    }
  }
}

package io.agentflow.bridge;

import java.time.Duration;
import java.util.List;

/**
 * The JetStream streams that we keep.
 *
 * <p>The first three mirror the log, each entry in exactly one of them; the last holds replays.
 */
public enum BusStream {
  /** What workflows and agents did. */
  AF_MESSAGES("af.*.workflows.*.* af.*.agents.*.*", Duration.ofDays(7), gibibytes(10)),

  /** Calls of tools and their results. */
  AF_TOOLS("af.*.tools.*", Duration.ofDays(30), gibibytes(5)),

  /** What steers the system: budgets, schedules, control, health. */
  AF_SYSTEM("af.*.system.* af.*.budgets.*.* af.*.schedules.*.*", Duration.ofDays(1), gibibytes(1)),

  /** Histories that were published again. */
  AF_REPLAYS("af.*.replay.>", Duration.ofDays(1), gibibytes(1));

  /** The streams that mirror the log. */
  public static final List<BusStream> MIRROR = List.of(AF_MESSAGES, AF_TOOLS, AF_SYSTEM);

  private final String subjects;
  private final Duration maxAge;
  private final long maxBytes;

  BusStream(String subjects, Duration maxAge, long maxBytes) {
    this.subjects = subjects;
    this.maxAge = maxAge;
    this.maxBytes = maxBytes;
  }

  private static long gibibytes(long count) {
    return count << 30;
  }

  /** Which subjects it holds. */
  List<String> subjects() {
    return List.of(subjects.split(" "));
  }

  Duration maxAge() {
    return maxAge;
  }

  long maxBytes() {
    return maxBytes;
  }
}

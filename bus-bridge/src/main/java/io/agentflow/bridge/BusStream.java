package io.agentflow.bridge;

import java.time.Duration;
import java.util.List;

/**
 * The JetStream streams that we keep, and how much each holds unless {@link BusSettings} say
 * otherwise. {@link StreamContents} says what the bridge tells them.
 */
public enum BusStream {
  /** What workflows and agents did. */
  AF_MESSAGES("af.*.workflows.*.* af.*.agents.*.*", Duration.ofDays(7), gibibytes(10)),

  /** Calls of tools and their results. */
  AF_TOOLS("af.*.tools.*", Duration.ofDays(30), gibibytes(5)),

  /** What steers the system: budgets, schedules, access. */
  AF_SYSTEM("af.*.system.* af.*.budgets.*.* af.*.schedules.*.*", Duration.ofDays(1), gibibytes(1)),

  /** What others build on: public events, each made of one entry. */
  AF_EVENTS("af.*.events.>", Duration.ofDays(30), gibibytes(5)),

  /** Histories that were published again. */
  AF_REPLAYS("af.*.replay.>", Duration.ofDays(1), gibibytes(1));

  /** The streams that mirror the log: each entry is in exactly one of them. */
  public static final List<BusStream> MIRROR = List.of(AF_MESSAGES, AF_TOOLS, AF_SYSTEM);

  private static final long LOCK_KEY_FIRST_HALF = 0x41464252L << Integer.SIZE;
  private static final long SECOND_HALF = 0xffff_ffffL;

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

  /** What it holds where nothing else is wanted. */
  public StreamLimits limits() {
    return new StreamLimits(maxAge, maxBytes);
  }

  /** The number of its lock in PostgreSQL: the letters "AFBR", and what its name hashes to. */
  long lockKey() {
    return LOCK_KEY_FIRST_HALF | (name().hashCode() & SECOND_HALF);
  }
}

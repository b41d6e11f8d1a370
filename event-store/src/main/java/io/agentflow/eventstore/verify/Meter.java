package io.agentflow.eventstore.verify;

import java.util.Collection;

/** Adds up what all workers have read. */
final class Meter {

  /** Often enough for people, seldom enough for the workers not to meet here. */
  static final int REPORT_ENTRIES = 4_096;

  private final Progress progress;
  private final long total;
  private long read;

  Meter(Progress progress, long total) {
    this.progress = progress;
    this.total = total;
  }

  /** A meter to the end that the heads record. */
  static Meter of(Collection<RecordedHead> heads, Progress progress) {
    return new Meter(progress, heads.stream().mapToLong(RecordedHead::tenantPosition).sum());
  }

  synchronized void add(long entries) {
    read += entries;
    progress.reached(read, Math.max(read, total));
  }
}

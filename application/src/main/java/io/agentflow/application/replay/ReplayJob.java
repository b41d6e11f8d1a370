package io.agentflow.application.replay;

import io.agentflow.application.port.HistoryReplay.Course;
import io.agentflow.eventstore.LogEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One replay: what was asked, how far it is, and whether it may go on. Safe for several threads.
 */
final class ReplayJob {

  /** An acknowledgement may take so long, and something more. */
  private static final Duration QUIET_WITHIN = Duration.ofSeconds(15);

  private final Asked asked;
  private final Course course;
  private final ReplaySource source;
  private final @Nullable Instant lastOccurredAt;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Status status = Status.RUNNING;
  private boolean isPublishing;
  private long position;
  private long number;
  private @Nullable Instant occurredAt;
  private @Nullable String reason;
  private @Nullable Instant endedAt;
  private long begunNumber;
  private long begunNanos = System.nanoTime();

  /**
   * What a client asked for, in its words.
   *
   * @param workflowId null for all that the tenant did
   */
  record Asked(
      @Nullable String workflowId,
      @Nullable String since,
      @Nullable String until,
      Pace pace,
      @Nullable String to) {}

  /** How a replay stands. */
  enum Status {
    RUNNING,
    /** For the bus, or the log, which is tried again. */
    WAITING,
    PAUSED,
    COMPLETED,
    FAILED,
    CANCELLED;

    boolean isOver() {
      return this == COMPLETED || this == FAILED || this == CANCELLED;
    }
  }

  /**
   * How far a replay is.
   *
   * @param messages how many are published and acknowledged
   * @param total how many there are
   * @param position where the last of them stands in the log; 0 where none is published
   * @param secondsLeft null where that cannot be said
   * @param reason why it waits or has failed
   */
  record Progress(
      Status status,
      long messages,
      long total,
      long position,
      @Nullable Long secondsLeft,
      @Nullable String reason) {

    /** 100 for one that has nothing to tell, too. */
    int percent() {
      return total == 0 ? 100 : (int) (messages * 100 / total);
    }
  }

  ReplayJob(Asked asked, Course course, ReplaySource source) {
    this.asked = asked;
    this.course = course;
    this.source = source;
    this.lastOccurredAt = Optional.ofNullable(source.last()).map(LogEntry::occurredAt).orElse(null);
    this.number = source.begin();
    this.begunNumber = number;
  }

  Asked asked() {
    return asked;
  }

  Course course() {
    return course;
  }

  ReplaySource source() {
    return source;
  }

  Progress progress() {
    lock.lock();
    try {
      return new Progress(
          status,
          number - source.begin(),
          source.end() - source.begin(),
          position,
          secondsLeft(),
          reason);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By what lies between the events, or, where nobody waits for that, by how fast it was so far.
   */
  private @Nullable Long secondsLeft() {
    if (status.isOver() || number == source.end()) {
      return 0L;
    }
    if (!asked.pace().isMax()) {
      return occurredAt == null || lastOccurredAt == null
          ? null
          : asked.pace().between(occurredAt, lastOccurredAt).toSeconds();
    }
    long told = number - begunNumber;
    double seconds = (System.nanoTime() - begunNanos) / 1e9;
    return told == 0 ? null : (long) Math.ceil(seconds * (source.end() - number) / told);
  }

  boolean isOver() {
    lock.lock();
    try {
      return status.isOver();
    } finally {
      lock.unlock();
    }
  }

  boolean hasFailed() {
    lock.lock();
    try {
      return status == Status.FAILED;
    } finally {
      lock.unlock();
    }
  }

  /** When it was over; null before. */
  @Nullable Instant endedAt() {
    lock.lock();
    try {
      return endedAt;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until it may publish: not before this time, and not while it is paused.
   *
   * @param pausedMax for how long it may be paused at once
   * @return whether it may; not when it is over
   */
  boolean awaitTurn(long dueNanos, Duration pausedMax) throws InterruptedException {
    lock.lock();
    try {
      while (!status.isOver()) {
        if (status == Status.PAUSED) {
          if (!changed.await(pausedMax.toNanos(), TimeUnit.NANOSECONDS)
              && status == Status.PAUSED) {
            return false;
          }
          continue;
        }
        long leftNanos = dueNanos - System.nanoTime();
        if (leftNanos <= 0) {
          isPublishing = true;
          return true;
        }
        boolean _ = changed.await(leftNanos, TimeUnit.NANOSECONDS);
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** What it was let do is done. */
  void endTurn() {
    lock.lock();
    try {
      isPublishing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** All up to this number is on the bus, because somebody else published it, or this node once. */
  void isThere(long upToNumber, long atPosition) {
    lock.lock();
    try {
      number = upToNumber;
      position = atPosition;
      begunNumber = upToNumber;
      begunNanos = System.nanoTime();
    } finally {
      lock.unlock();
    }
  }

  /** All up to this number is published and acknowledged. */
  void told(long upToNumber, long atPosition, Instant at) {
    lock.lock();
    try {
      number = upToNumber;
      position = atPosition;
      occurredAt = at;
      if (status == Status.WAITING) {
        status = Status.RUNNING;
        reason = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** It is tried again. */
  void failing(String because) {
    lock.lock();
    try {
      if (status == Status.RUNNING) {
        status = Status.WAITING;
      }
      reason = because;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Nothing is published any more once this returns, until it is resumed.
   *
   * @return whether it is paused now; not what is over
   */
  boolean pause() throws InterruptedException {
    lock.lock();
    try {
      if (status.isOver()) {
        return false;
      }
      status = Status.PAUSED;
      awaitQuiet();
      return status == Status.PAUSED;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it goes on now; not what is over. */
  boolean resume() {
    lock.lock();
    try {
      if (status == Status.PAUSED) {
        status = Status.RUNNING;
        reason = null;
        begunNanos = System.nanoTime();
        begunNumber = number;
        changed.signalAll();
      }
      return !status.isOver();
    } finally {
      lock.unlock();
    }
  }

  void complete(Instant at) {
    end(Status.COMPLETED, null, at);
  }

  void fail(String because, Instant at) {
    end(Status.FAILED, because, at);
  }

  /** Nothing is published any more once this returns. */
  void cancel(Instant at) throws InterruptedException {
    end(Status.CANCELLED, null, at);
    lock.lock();
    try {
      awaitQuiet();
    } finally {
      lock.unlock();
    }
  }

  /** What is over stays as it is. */
  private void end(Status how, @Nullable String because, Instant at) {
    lock.lock();
    try {
      if (!status.isOver()) {
        status = how;
        reason = because;
        endedAt = at;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitQuiet() throws InterruptedException {
    changed.signalAll();
    long leftNanos = QUIET_WITHIN.toNanos();
    while (isPublishing && leftNanos > 0) {
      leftNanos = changed.awaitNanos(leftNanos);
    }
  }

  /** Waits until it is over, but not longer. */
  void await(Duration patience) throws InterruptedException {
    lock.lock();
    try {
      long leftNanos = patience.toNanos();
      while (!status.isOver() && leftNanos > 0) {
        leftNanos = changed.awaitNanos(leftNanos);
      }
    } finally {
      lock.unlock();
    }
  }
}

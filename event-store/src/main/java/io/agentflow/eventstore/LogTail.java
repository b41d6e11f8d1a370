package io.agentflow.eventstore;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.jspecify.annotations.Nullable;

/**
 * Where the log ends as far as this node knows, and a place to wait for it to grow. What this node
 * has appended itself passes here, and the last of it is kept, so that it need not be read back.
 */
public final class LogTail {

  private static final int KEPT_ENTRIES = 1_024;

  /** Of payload and metadata; what is larger is read back, so that the memory has a limit. */
  private static final int KEPT_CHARS_MAX = 16_384;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private final List<Consumer<TrackedEventMessage<?>>> receivers = new CopyOnWriteArrayList<>();
  private final AtomicReferenceArray<@Nullable LogEntry> kept =
      new AtomicReferenceArray<>(KEPT_ENTRIES);
  private long position;
  private volatile long appendedHere;

  /** Has everything that this node appends from now on given to a receiver, in almost any order. */
  public void forwardTo(Consumer<TrackedEventMessage<?>> receiver) {
    receivers.add(receiver);
  }

  /** Forwards an event that this node has appended; to be followed by {@link #appendedTo}. */
  public void forward(TrackedEventMessage<?> event) {
    receivers.forEach(receiver -> receiver.accept(event));
  }

  /** Keeps an entry that this node has appended; to be followed by {@link #appendedTo}. */
  public void keep(LogEntry entry) {
    if (entry.payload().length() + entry.metadata().length() <= KEPT_CHARS_MAX) {
      kept.accumulateAndGet(
          place(entry.position()), entry, (there, now) -> isBehind(there, now) ? there : now);
    }
  }

  private static boolean isBehind(@Nullable LogEntry one, LogEntry other) {
    return one != null && one.position() > other.position();
  }

  private static int place(long position) {
    return Math.floorMod(position, KEPT_ENTRIES);
  }

  /**
   * The entries behind one position and up to another, as far as they are kept here without a gap:
   * often none, also where the log has some.
   */
  public List<LogEntry> keptBehind(long after, long upTo) {
    List<LogEntry> found = new ArrayList<>();
    for (long next = after + 1; next <= upTo; next++) {
      LogEntry entry = kept.get(place(next));
      if (entry == null || entry.position() != next) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  /** The same as {@link #advanceTo} where this node has appended what is there. */
  public void appendedTo(long newPosition) {
    appendedHere = Math.max(appendedHere, newPosition);
    advanceTo(newPosition);
  }

  /** Whether this node appended as far as this: what is missing before it is on its way. */
  boolean isAppendedHere(long toPosition) {
    return toPosition <= appendedHere;
  }

  /** Tells all who wait that the log now reaches this position. Earlier positions are ignored. */
  public void advanceTo(long newPosition) {
    lock.lock();
    try {
      if (newPosition > position) {
        position = newPosition;
        grown.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The last position that this node knows of. */
  public long position() {
    lock.lock();
    try {
      return position;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the log reaches beyond a position, or until the time is over; another node may have
   * appended meanwhile, so who waits looks into the log either way.
   *
   * @return the last position this node knows of
   */
  public long awaitBeyond(long known, Duration timeout) throws InterruptedException {
    long nanosLeft = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (position <= known && nanosLeft > 0) {
        nanosLeft = grown.awaitNanos(nanosLeft);
      }
      return position;
    } finally {
      lock.unlock();
    }
  }
}

package io.agentflow.application.stream;

import io.agentflow.application.UntilStopped;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The log's end, read once for all event streams of this node, and not at all while none is open.
 * The last entries are kept; whoever is further behind reads the log for itself.
 */
@Component
class LiveEntries extends UntilStopped {

  private static final Logger LOG = LoggerFactory.getLogger(LiveEntries.class);

  private static final int READ_ENTRIES = 1_000;

  /** What another node appended and did not tell is found after this time. */
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /** While much is appended streams are woken so often at most. */
  private static final Duration BETWEEN_READS = Duration.ofMillis(5);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final LogReader log;
  private final LogTail tail;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int readers;
  private RecentEntries kept = RecentEntries.NONE;

  LiveEntries(LogReader log, LogTail tail) {
    this.log = log;
    this.tail = tail;
  }

  /** Somebody reads from now on. */
  void open() {
    lock.lock();
    try {
      readers++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Somebody reads no more. */
  void close() {
    lock.lock();
    try {
      readers--;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The entries of all tenants after a position, at most a page; waits for one.
   *
   * @return none where none came in time; empty where they are not kept (any more)
   */
  Optional<List<LogEntry>> after(long position, int limit, Duration patience)
      throws InterruptedException {
    long nanosLeft = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (kept.last() <= position && nanosLeft > 0) {
        nanosLeft = changed.awaitNanos(nanosLeft);
      }
      if (kept.last() <= position) {
        return Optional.of(List.of());
      }
      return position < kept.floor() ? Optional.empty() : Optional.of(kept.after(position, limit));
    } finally {
      lock.unlock();
    }
  }

  /** How far the log is known to reach. */
  long last() {
    lock.lock();
    try {
      return kept.last();
    } finally {
      lock.unlock();
    }
  }

  @Override
  protected Map<String, Runnable> goingOn() {
    return Map.of("live-entries", this::follow);
  }

  private void follow() {
    while (isRunning()) {
      try {
        awaitReader();
        keep(new RecentEntries(log.headPosition(), List.of()));
        while (isRunning() && isRead()) {
          readOn();
        }
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether to stop");
      } catch (LogUnavailable e) {
        LOG.warn("the log cannot be read for event streams; trying again: {}", e.getMessage());
        pause(PAUSE_AFTER_FAILURE);
      } catch (RuntimeException e) {
        // A fault of ours must not leave streams silent for ever.
        LOG.error("the log's end was not read for event streams; trying again", e);
        pause(PAUSE_AFTER_FAILURE);
      }
      keep(RecentEntries.NONE);
    }
  }

  private void readOn() throws InterruptedException {
    long last = last();
    long known = tail.awaitBeyond(last, BETWEEN_LOOKS);
    List<LogEntry> found = tail.keptBehind(last, known);
    if (found.isEmpty()) {
      found = log.after(last, READ_ENTRIES);
    }
    if (!found.isEmpty()) {
      keep(kept.and(found));
      Thread.sleep(BETWEEN_READS);
    }
  }

  private void awaitReader() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (readers == 0) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isRead() {
    lock.lock();
    try {
      return readers > 0;
    } finally {
      lock.unlock();
    }
  }

  private void keep(RecentEntries now) {
    lock.lock();
    try {
      kept = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

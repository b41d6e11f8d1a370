package io.agentflow.eventstore;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last events of the log, for all who follow it on this node: those that it has appended itself
 * come here without being read back, the others are read once. Positions have no gaps, so each has
 * its place. Whoever is further behind reads for itself.
 */
final class TailBuffer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TailBuffer.class);

  /** How many events are kept. */
  private static final int EVENTS = 4_096;

  /** At most so often listeners are told: what they do for one event they do for many. */
  private static final Duration BETWEEN_TELLINGS = Duration.ofMillis(5);

  /** Before the log is read for what this node may have appended and be about to bring. */
  private static final long GRACE_MILLIS = 2;

  /**
   * The same where it has: several batches may be told of at once, on threads that have to wait.
   */
  private static final long OWN_GRACE_MILLIS = 50;

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

  private final EventStorageEngine engine;
  private final LogTail tail;
  private final Duration betweenLooks;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private final @Nullable TrackedEventMessage<?>[] events = new TrackedEventMessage<?>[EVENTS];
  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
  private final Thread reading;
  private final Thread telling;
  private volatile long last;
  private volatile boolean begun;
  private volatile boolean closed;

  /**
   * Follows the log from where it ends once it can be read.
   *
   * @param betweenLooks what was appended elsewhere and not told is found after this time
   */
  TailBuffer(EventStorageEngine engine, LogTail tail, Duration betweenLooks) {
    this.engine = engine;
    this.tail = tail;
    this.betweenLooks = betweenLooks;
    tail.forwardTo(this::add);
    this.reading = Thread.ofPlatform().name("log-tail").daemon().start(this::readUntilClosed);
    this.telling = Thread.ofVirtual().name("log-tail-telling").start(this::tellUntilClosed);
  }

  /** A database that is away when this begins is waited for. */
  private void readUntilClosed() {
    while (!closed) {
      try {
        if (!begun) {
          begin();
        }
        long before = last;
        long known = tail.awaitBeyond(before, betweenLooks);
        long grace = tail.isAppendedHere(known) ? OWN_GRACE_MILLIS : GRACE_MILLIS;
        if (known <= before || !awaitBeyond(known - 1, grace, TimeUnit.MILLISECONDS)) {
          read();
        }
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether the log is closed");
      } catch (RuntimeException e) {
        LOG.warn("the log's tail cannot be read; trying again", e);
        pause();
      }
    }
  }

  private void begin() {
    long head = engine.createHeadToken().position().orElseThrow();
    lock.lock();
    try {
      last = head;
      begun = true;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void tellUntilClosed() {
    long told = last;
    while (!closed) {
      try {
        if (awaitBeyond(told, betweenLooks.toMillis(), TimeUnit.MILLISECONDS)) {
          told = last;
          listeners.forEach(Runnable::run);
          Thread.sleep(BETWEEN_TELLINGS);
        }
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether the log is closed");
      }
    }
  }

  private void read() {
    try (Stream<? extends TrackedEventMessage<?>> found =
        engine.readEvents(new GlobalSequenceTrackingToken(last), false)) {
      found.forEach(this::add);
    }
  }

  /** What comes before its turn waits in its place for those between. */
  private void add(TrackedEventMessage<?> event) {
    long position = position(event);
    lock.lock();
    try {
      if (begun && position > last && position <= last + EVENTS) {
        events[place(position)] = event;
        advance();
      }
    } finally {
      lock.unlock();
    }
  }

  private void advance() {
    long before = last;
    long next = before + 1;
    while (isKept(next)) {
      next++;
    }
    if (next - 1 > before) {
      last = next - 1;
      grown.signalAll();
    }
  }

  private boolean isKept(long position) {
    TrackedEventMessage<?> event = events[place(position)];
    return event != null && position(event) == position;
  }

  private static int place(long position) {
    return Math.floorMod(position, EVENTS);
  }

  static long position(TrackedEventMessage<?> event) {
    return event.trackingToken().position().orElseThrow();
  }

  /** The event at this position, if it is still kept. */
  @Nullable TrackedEventMessage<?> find(long position) {
    lock.lock();
    try {
      return isKept(position) ? events[place(position)] : null;
    } finally {
      lock.unlock();
    }
  }

  /** How far the log is known to reach. */
  long last() {
    return last;
  }

  /**
   * Waits until the log is known to reach beyond a position.
   *
   * @return false when it does not in time
   */
  boolean awaitBeyond(long position, long timeout, TimeUnit unit) throws InterruptedException {
    long nanosLeft = unit.toNanos(timeout);
    lock.lockInterruptibly();
    try {
      while (last <= position && nanosLeft > 0) {
        nanosLeft = grown.awaitNanos(nanosLeft);
      }
      return last > position;
    } finally {
      lock.unlock();
    }
  }

  /** Tells, soon after, that there is more. */
  void listen(Runnable listener) {
    listeners.add(listener);
  }

  void forget(Runnable listener) {
    listeners.remove(listener);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_AFTER_FAILURE);
    } catch (InterruptedException e) {
      LOG.debug("woken to look whether the log is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    reading.interrupt();
    telling.interrupt();
  }
}

package io.agentflow.eventstore;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Where the log ends as far as this node knows, and a place to wait for it to grow. */
public final class LogTail {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private long position;

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

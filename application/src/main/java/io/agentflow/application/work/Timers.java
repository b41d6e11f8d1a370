package io.agentflow.application.work;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen at a time. Timers are derived from the log, so they survive whatever happens to
 * the node that holds them; the command that a timer sends does nothing where it comes too late or
 * twice.
 */
final class Timers {

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Entry> byName = new HashMap<>();
  private final TreeSet<Entry> byTime = new TreeSet<>();
  private long lastSerial;

  /** A timer in its place: by when it is due, then by when it was set. */
  private record Entry(long serial, Timer timer) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byDue = timer.dueAt().compareTo(other.timer.dueAt());
      return byDue == 0 ? Long.compare(serial, other.serial) : byDue;
    }
  }

  /**
   * Something that is due.
   *
   * @param name one timer of a name counts; setting it again replaces it
   * @param owner the aggregate that the command is for
   * @param leaseToken the lease that a heartbeat may have prolonged, where it is about one
   * @param command what is sent, given the time at which it is
   */
  record Timer(
      String name,
      String tenantId,
      String owner,
      Instant dueAt,
      @Nullable String leaseToken,
      Function<Instant, Object> command) {

    /** The same at another time. */
    Timer at(Instant otherTime) {
      return new Timer(name, tenantId, owner, otherTime, leaseToken, command);
    }
  }

  void set(Timer timer) {
    lock.lock();
    try {
      cancel(timer.name());
      Entry entry = new Entry(++lastSerial, timer);
      byName.put(timer.name(), entry);
      byTime.add(entry);
    } finally {
      lock.unlock();
    }
  }

  void cancel(String name) {
    lock.lock();
    try {
      Entry entry = byName.remove(name);
      if (entry != null) {
        byTime.remove(entry);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Puts a lease's deadline off; a lease that has none here is left alone. */
  void putOff(String name, Instant dueAt) {
    lock.lock();
    try {
      Entry entry = byName.get(name);
      if (entry != null && entry.timer().dueAt().isBefore(dueAt)) {
        set(entry.timer().at(dueAt));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes those that are due. Whoever fails to carry one out sets it again. */
  List<Timer> takeDue(Instant now) {
    lock.lock();
    try {
      List<Timer> due = new ArrayList<>();
      while (!byTime.isEmpty() && !byTime.first().timer().dueAt().isAfter(now)) {
        Timer timer = byTime.removeFirst().timer();
        byName.remove(timer.name());
        due.add(timer);
      }
      return due;
    } finally {
      lock.unlock();
    }
  }

  /** How many are set. */
  int size() {
    lock.lock();
    try {
      return byTime.size();
    } finally {
      lock.unlock();
    }
  }
}

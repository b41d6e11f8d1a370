package io.agentflow.application.work;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Which leases each agent holds, or is about to be given on this node: so that an agent that asks
 * several times at once is not given more than it can do at once. Other nodes are seen only through
 * the log; between two nodes an agent may for a moment get more.
 */
final class Hands {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();
  private final Map<String, Set<String>> tokens = new HashMap<>();
  private final Map<String, Long> waitsEnded = new HashMap<>();
  private boolean closed;

  /**
   * Reserves a lease for each hand that the agent has free, up to so many; waits for one while it
   * has its hands full.
   *
   * @param concurrency how many leases the agent may hold
   * @param newToken names a lease
   * @return the tokens of the leases it may now be given; empty when no hand was free in time
   * @throws WaitEnded when the agent does not want to wait any more
   */
  List<String> reserve(
      String agentId, int concurrency, int max, Duration patience, Supplier<String> newToken)
      throws InterruptedException {
    long nanosLeft = patience.toNanos();
    lock.lock();
    try {
      long ended = waitsEnded.getOrDefault(agentId, 0L);
      while (concurrency <= held(agentId) && nanosLeft > 0) {
        nanosLeft = freed.awaitNanos(nanosLeft);
        if (closed || waitsEnded.getOrDefault(agentId, 0L) != ended) {
          throw new WaitEnded();
        }
      }
      List<String> reserved = new ArrayList<>();
      for (int free = Math.min(max, concurrency - held(agentId)); free > 0; free--) {
        reserved.add(newToken.get());
      }
      if (!reserved.isEmpty()) {
        tokens.computeIfAbsent(agentId, none -> new HashSet<>()).addAll(reserved);
      }
      return reserved;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the waits of an agent for a hand to be free. */
  void endWaits(String agentId) {
    lock.lock();
    try {
      waitsEnded.merge(agentId, 1L, Long::sum);
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody waits any more, now or later. */
  void endAllWaits() {
    lock.lock();
    try {
      closed = true;
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The agent holds this lease, whether it was reserved here or elsewhere. */
  void hold(String agentId, String token) {
    lock.lock();
    try {
      tokens.computeIfAbsent(agentId, none -> new HashSet<>()).add(token);
    } finally {
      lock.unlock();
    }
  }

  /** The agent does not hold these leases, or not any more. */
  void free(String agentId, Collection<String> released) {
    lock.lock();
    try {
      tokens.computeIfPresent(
          agentId,
          (same, all) -> {
            all.removeAll(Set.copyOf(released));
            return all.isEmpty() ? null : all;
          });
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private int held(String agentId) {
    Set<String> all = tokens.get(agentId);
    return all == null ? 0 : all.size();
  }
}

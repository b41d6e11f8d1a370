package io.agentflow.application.work;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Steps that wait for workers, and workers that wait for steps. A step that comes goes straight to
 * the worker who has waited longest and can do it; else it stands in line. Who takes one has it for
 * itself on this node; whether it gets the lease the workflow decides.
 */
final class WorkQueue {

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Demand, LinkedHashMap<WorkItem.Key, WorkItem>> lines = new HashMap<>();
  private final Map<WorkItem.Key, Demand> places = new HashMap<>();
  private final Set<Waiting> waiting = new LinkedHashSet<>();
  private boolean closed;

  /** A worker that waits; by identity, since one agent may ask several times at once. */
  private static final class Waiting {
    private final Worker worker;
    private final CompletableFuture<WorkItem> item = new CompletableFuture<>();

    Waiting(Worker worker) {
      this.worker = worker;
    }
  }

  /** Brings a step; one that stands in line already is replaced. */
  void offer(WorkItem item) {
    lock.lock();
    try {
      remove(item.key());
      Demand demand = item.demand();
      for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
        Waiting next = all.next();
        if (demand.isMetBy(next.worker)) {
          all.remove();
          next.item.complete(item);
          return;
        }
      }
      lines.computeIfAbsent(demand, none -> new LinkedHashMap<>()).put(item.key(), item);
      places.put(item.key(), demand);
    } finally {
      lock.unlock();
    }
  }

  /** Takes a step out of its line, if it stands in one. */
  void remove(WorkItem.Key key) {
    lock.lock();
    try {
      Demand demand = places.remove(key);
      if (demand != null) {
        lines.computeIfPresent(
            demand,
            (same, line) -> {
              line.remove(key);
              return line.isEmpty() ? null : line;
            });
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the waits of an agent: what had come for one is taken along still. */
  void endWaits(String agentId) {
    endWaits(one -> one.worker.agentId().equals(agentId));
  }

  /** Nobody waits any more, now or later. */
  void endAllWaits() {
    lock.lock();
    try {
      closed = true;
      endWaits(all -> true);
    } finally {
      lock.unlock();
    }
  }

  private void endWaits(Predicate<Waiting> which) {
    lock.lock();
    try {
      for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
        Waiting next = all.next();
        if (which.test(next)) {
          all.remove();
          next.item.completeExceptionally(new WaitEnded());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many steps stand in line. */
  int size() {
    lock.lock();
    try {
      return places.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes up to so many steps that the worker can do, the oldest first; waits for one when there is
   * none.
   *
   * @return empty when none came in time
   * @throws WaitEnded when the agent does not want to wait any more
   */
  List<WorkItem> take(Worker worker, int max, Duration patience) throws InterruptedException {
    Waiting self = new Waiting(worker);
    lock.lock();
    try {
      List<WorkItem> taken = new ArrayList<>();
      for (WorkItem next = oldestFor(worker); next != null; next = oldestFor(worker)) {
        remove(next.key());
        taken.add(next);
        if (taken.size() == max) {
          break;
        }
      }
      if (!taken.isEmpty()) {
        return taken;
      }
      if (closed) {
        throw new WaitEnded();
      }
      waiting.add(self);
    } finally {
      lock.unlock();
    }
    return await(self, patience);
  }

  private List<WorkItem> await(Waiting self, Duration patience) throws InterruptedException {
    try {
      return List.of(self.item.get(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return leave(self);
    } catch (InterruptedException e) {
      leave(self).forEach(this::offer);
      throw e;
    } catch (ExecutionException e) {
      throw new WaitEnded();
    }
  }

  /** Stops waiting; a step that came at the last moment is not lost. */
  private List<WorkItem> leave(Waiting self) {
    lock.lock();
    try {
      waiting.remove(self);
      WorkItem item = self.item.getNow(null);
      return item == null ? List.of() : List.of(item);
    } finally {
      lock.unlock();
    }
  }

  private @Nullable WorkItem oldestFor(Worker worker) {
    WorkItem oldest = null;
    for (Map.Entry<Demand, LinkedHashMap<WorkItem.Key, WorkItem>> line : lines.entrySet()) {
      if (line.getKey().isMetBy(worker)) {
        WorkItem first = line.getValue().firstEntry().getValue();
        if (oldest == null || first.since() < oldest.since()) {
          oldest = first;
        }
      }
    }
    return oldest;
  }
}

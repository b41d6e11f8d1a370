package io.agentflow.eventstore.verify;

import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads ranges on several threads; each takes the next range that nobody has. The first worker's
 * source has to open, a further one's may fail: then there is one worker fewer. Nobody waits for a
 * worker whose source is still opening when all is read.
 */
final class Workers {

  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  private final int ranges;
  private int nextRange;
  private int active = 1;
  private @Nullable Throwable failure;

  private Workers(int ranges) {
    this.ranges = ranges;
  }

  /** What one worker reads ranges from. */
  interface Source extends AutoCloseable {

    void read(int range) throws Exception;

    @Override
    void close() throws SQLException, IOException;
  }

  /** Opens a worker's source. */
  interface Opening {

    /**
     * Opens.
     *
     * @param worker from 0, which is the one that has to open
     */
    Source open(int worker) throws Exception;
  }

  /**
   * Reads all ranges, with at most this many workers and no more than there are ranges.
   *
   * @throws Exception the first thing that went wrong; no range is begun after it
   */
  static void readAll(int ranges, int workersMax, Opening opening) throws Exception {
    Workers workers = new Workers(ranges);
    int count = Math.clamp(ranges, 1, Math.max(1, workersMax));
    for (int i = 0; i < count; i++) {
      int worker = i;
      Thread.ofPlatform()
          .daemon()
          .name("verify-" + worker)
          .start(() -> workers.work(worker, opening));
    }
    workers.awaitAll();
  }

  private void work(int worker, Opening opening) {
    Source source;
    try {
      source = opening.open(worker);
    } catch (Throwable e) {
      if (worker == 0) {
        fail(e);
        leave();
      } else {
        LOG.debug("going on with a worker fewer", e);
      }
      return;
    }
    boolean entered = worker == 0 || enter();
    try (source) {
      if (entered) {
        for (int range = nextRange(); range >= 0; range = nextRange()) {
          source.read(range);
        }
      }
    } catch (Throwable e) {
      fail(e);
    } finally {
      if (entered) {
        leave();
      }
    }
  }

  private synchronized boolean enter() {
    if (active == 0 || nextRange >= ranges) {
      return false;
    }
    active++;
    return true;
  }

  private synchronized void leave() {
    active--;
    notifyAll();
  }

  private synchronized int nextRange() {
    return failure == null && nextRange < ranges ? nextRange++ : -1;
  }

  private synchronized void fail(Throwable e) {
    if (failure == null) {
      failure = e;
    }
  }

  private synchronized void awaitAll() throws Exception {
    boolean interrupted = false;
    while (active > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
        fail(e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (failure) {
      case null -> {}
      case Exception e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }
}

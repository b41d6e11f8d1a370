package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.LogOutcomeUnknown;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends for a whole node: callers hand over their unit of work and wait; one thread takes all
 * that wait and commits them together. So a lone append does not wait for others, and under load
 * the batches grow by themselves.
 *
 * <p>A unit is appended whole or not at all. A unit that conflicts, or that the database refuses,
 * fails alone; its neighbours in the batch are appended.
 */
public final class LogWriter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
  private static final long LOOK_AFTER_WRITER_MILLIS = 1_000;

  private final LogWriterSettings settings;
  private final LogTail tail;
  private final AppendTransaction transaction;
  private final BlockingQueue<Unit> queue;
  private final Thread thread;
  private volatile boolean closed;

  /** One unit of work on its way into the log. */
  static final class Unit {
    private final List<NewEntry> entries;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Unit(List<NewEntry> entries) {
      this.entries = List.copyOf(entries);
    }

    List<NewEntry> entries() {
      return entries;
    }

    void fail(RuntimeException reason) {
      done.completeExceptionally(reason);
    }

    private void succeed() {
      done.complete(null);
    }
  }

  /**
   * Starts the writer's thread; the database is first asked when something is to be appended.
   *
   * @param dataSource gives connections that may insert into the log; the writer holds one
   */
  public LogWriter(DataSource dataSource, LogWriterSettings settings, LogTail tail) {
    this.settings = settings;
    this.tail = tail;
    this.transaction = new AppendTransaction(dataSource);
    this.queue = new ArrayBlockingQueue<>(settings.queueUnitsMax());
    this.thread = Thread.ofPlatform().name("log-writer").daemon().start(this::writeUntilClosed);
  }

  /**
   * Appends the entries of one unit of work and returns once they are durable.
   *
   * @throws org.axonframework.modelling.command.ConcurrencyException when another unit was faster
   * @throws org.axonframework.modelling.command.AggregateStreamCreationException when the aggregate
   *     exists already
   * @throws LogUnavailable when the queue stays full, the writer is closed or the database does not
   *     take it; nothing was appended
   * @throws LogOutcomeUnknown when the database was lost during the commit
   */
  void append(List<NewEntry> entries) {
    Unit unit = new Unit(entries);
    enqueue(unit);
    await(unit);
  }

  private void enqueue(Unit unit) {
    if (closed) {
      throw new LogUnavailable("the log is closed", null);
    }
    try {
      if (!queue.offer(unit, settings.enqueueTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new LogUnavailable(
            "%d units of work are waiting to be appended; try again later"
                .formatted(settings.queueUnitsMax()),
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailable("interrupted before anything was appended", e);
    }
  }

  /**
   * Waits for the outcome however long it takes, but not for a writer that is gone. Once the unit
   * is being written an interrupt changes nothing: who asked has to know what became of it.
   */
  private void await(Unit unit) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          unit.done.get(LOOK_AFTER_WRITER_MILLIS, TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          if (!thread.isAlive() && !unit.done.isDone()) {
            unit.fail(new LogUnavailable("the log was closed before anything was appended", null));
          }
        } catch (InterruptedException e) {
          interrupted = true;
          if (queue.remove(unit)) {
            throw new LogUnavailable("interrupted before anything was appended", e);
          }
        } catch (ExecutionException e) {
          throw (RuntimeException) e.getCause();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void writeUntilClosed() {
    while (!closed || !queue.isEmpty()) {
      try {
        List<Unit> batch = nextBatch();
        if (!batch.isEmpty()) {
          write(batch);
        }
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether the log is closed");
      }
    }
    transaction.close();
  }

  private List<Unit> nextBatch() throws InterruptedException {
    List<Unit> batch = new ArrayList<>();
    Unit next = queue.poll(LOOK_AFTER_WRITER_MILLIS, TimeUnit.MILLISECONDS);
    int entries = 0;
    while (next != null) {
      batch.add(next);
      entries += next.entries().size();
      next = entries < settings.batchEntriesMax() ? queue.poll() : null;
    }
    return batch;
  }

  /** Nothing that goes wrong with a batch may end the writer: the next batch may fare better. */
  private void write(List<Unit> batch) {
    try {
      appendTogether(batch);
    } catch (RuntimeException e) {
      LOG.error("a batch of {} units failed unexpectedly", batch.size(), e);
      batch.forEach(
          unit -> unit.fail(new LogUnavailable("the log's writer failed: " + e.getMessage(), e)));
    }
  }

  private void appendTogether(List<Unit> batch) {
    try {
      appendOnce(batch);
    } catch (CommitInterrupted e) {
      settle(batch, e);
    } catch (SQLException e) {
      boolean connectionLost = transaction.isConnectionLost();
      LOG.warn("a batch of {} units was refused: {}", batch.size(), e.getMessage());
      if (connectionLost) {
        appendOnFreshConnection(batch);
      } else if (batch.size() == 1) {
        fail(batch, e);
      } else {
        batch.forEach(unit -> appendTogether(List.of(unit)));
      }
    }
  }

  /** The commit was never sent, so the whole batch may be tried once more. */
  private void appendOnFreshConnection(List<Unit> batch) {
    try {
      appendOnce(batch);
    } catch (CommitInterrupted e) {
      settle(batch, e);
    } catch (SQLException e) {
      fail(batch, e);
    }
  }

  private void appendOnce(List<Unit> batch) throws SQLException, CommitInterrupted {
    long position = transaction.append(batch);
    batch.forEach(Unit::succeed);
    tail.advanceTo(position);
  }

  private static void fail(List<Unit> batch, SQLException cause) {
    batch.forEach(
        unit ->
            unit.fail(
                new LogUnavailable(
                    "the database did not take the events: " + cause.getMessage(), cause)));
  }

  /** Learns from the database which units of a commit that broke off are in the log. */
  private void settle(List<Unit> batch, CommitInterrupted interrupted) {
    LOG.warn("the connection broke during a commit; looking up what became of it");
    long deadlineNanos = System.nanoTime() + settings.lookupTimeout().toNanos();
    while (true) {
      try {
        long position = transaction.headPosition();
        for (Unit unit : batch) {
          if (unit.done.isDone()) {
            continue;
          }
          if (transaction.isAppended(unit)) {
            unit.succeed();
          } else {
            unit.fail(
                new LogUnavailable("the database was lost; nothing was appended", interrupted));
          }
        }
        tail.advanceTo(position);
        return;
      } catch (SQLException e) {
        if (System.nanoTime() > deadlineNanos) {
          batch.forEach(unit -> unit.fail(new LogOutcomeUnknown(interrupted)));
          return;
        }
        pauseBeforeLookup();
      }
    }
  }

  private static void pauseBeforeLookup() {
    try {
      TimeUnit.MILLISECONDS.sleep(200);
    } catch (InterruptedException e) {
      LOG.debug("woken while the database is away");
    }
  }

  /** Appends what waits, takes nothing more, and lets the connection go. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The connection broke after the commit was sent: its outcome has to be looked up. */
  static final class CommitInterrupted extends Exception {

    private static final long serialVersionUID = 1L;

    CommitInterrupted(SQLException cause) {
      super(cause);
    }
  }
}

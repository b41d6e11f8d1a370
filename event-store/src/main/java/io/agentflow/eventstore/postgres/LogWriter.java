package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.LogOutcomeUnknown;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.NewReceipt;
import io.agentflow.eventstore.ReceiptExists;
import io.agentflow.eventstore.postgres.AppendTransaction.Outcome;
import io.agentflow.eventstore.postgres.AppendTransaction.OutcomeOpen;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
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
  private static final long LOOK_WHETHER_CLOSED_MILLIS = 1_000;
  private static final int TOLD_BY_WRITER_MAX = 8;
  private static final long BETWEEN_LOOK_UPS_MILLIS = 200;

  private final LogWriterSettings settings;
  private final LogTail tail;
  private final AppendTransaction transaction;
  private final BlockingQueue<Unit> queue;
  private final Thread thread;
  private volatile boolean closed;

  /** No unit is taken from the queue any more. */
  private volatile boolean ended;

  /**
   * Starts the writer's thread; the database is first asked when something is to be appended.
   *
   * @param dataSource gives connections that may insert into the log; the writer keeps one, and
   *     changes its settings
   */
  public LogWriter(DataSource dataSource, LogWriterSettings settings, LogTail tail) {
    this(
        dataSource,
        settings,
        tail,
        (entry, prevHash, tenantPosition) -> entry.record().hash(prevHash, tenantPosition));
  }

  LogWriter(
      DataSource dataSource,
      LogWriterSettings settings,
      LogTail tail,
      Placement.ChainHash chainHash) {
    this.settings = settings;
    this.tail = tail;
    this.transaction = new AppendTransaction(dataSource, settings, chainHash);
    this.queue = new ArrayBlockingQueue<>(settings.queueUnitsMax());
    this.thread = Thread.ofPlatform().name("log-writer").daemon().start(this::writeUntilClosed);
  }

  /**
   * Appends the entries of one unit of work and returns their places once they are durable.
   *
   * @param receipt written in the same transaction; null for none
   * @throws ReceiptExists when there is one under its key already
   * @throws org.axonframework.modelling.command.ConcurrencyException when another unit was faster
   * @throws org.axonframework.modelling.command.AggregateStreamCreationException when the aggregate
   *     exists already
   * @throws LogUnavailable when the queue stays full, the writer is closed or the database does not
   *     take it; nothing was appended
   * @throws LogOutcomeUnknown when the database was lost during the append
   */
  List<Appended> append(List<NewEntry> entries, @Nullable NewReceipt receipt) {
    Unit unit = new Unit(entries, receipt);
    enqueue(unit);
    return await(unit);
  }

  private void enqueue(Unit unit) {
    if (closed) {
      throw closed();
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
    if (ended) {
      unit.fail(closed());
    }
  }

  private static LogUnavailable closed() {
    return new LogUnavailable("the log is closed; nothing was appended", null);
  }

  /**
   * Waits for the outcome however long it takes. Once the unit is being written an interrupt
   * changes nothing: who asked has to know what became of it.
   */
  private List<Appended> await(Unit unit) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return unit.outcome().get();
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
    try (transaction) {
      while (!closed || !queue.isEmpty()) {
        write(nextBatch());
      }
    } finally {
      closed = true;
      ended = true;
      List<Unit> left = new ArrayList<>();
      queue.drainTo(left);
      left.forEach(unit -> unit.fail(closed()));
    }
  }

  private List<Unit> nextBatch() {
    List<Unit> batch = new ArrayList<>();
    Unit next = firstOfBatch();
    int entries = 0;
    while (next != null) {
      batch.add(next);
      entries += next.entries().size();
      next = entries < settings.batchEntriesMax() ? queue.poll() : null;
    }
    return batch;
  }

  private @Nullable Unit firstOfBatch() {
    try {
      return queue.poll(LOOK_WHETHER_CLOSED_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return null;
    }
  }

  /** Nothing that goes wrong with a batch may end the writer: the next batch may fare better. */
  private void write(List<Unit> batch) {
    if (batch.isEmpty()) {
      return;
    }
    try {
      append(batch, true);
    } catch (RuntimeException e) {
      LOG.error("a batch of {} units failed unexpectedly", batch.size(), e);
      // Some of it may be appended: what the database refused was told where it was refused.
      batch.forEach(unit -> unit.fail(new LogOutcomeUnknown(e)));
    }
  }

  private void append(List<Unit> batch, boolean mayRepeat) {
    try {
      tell(transaction.append(batch));
    } catch (OutcomeOpen e) {
      settle(batch, mayRepeat, e);
    } catch (SQLException | RuntimeException e) {
      LOG.warn("a batch of {} units was refused: {}", batch.size(), e.getMessage());
      if (batch.size() == 1 || !transaction.isConnected()) {
        fail(batch, "the database did not take the events", e);
      } else {
        // Halves find the unit that is to blame in few steps, and let its neighbours pass.
        append(batch.subList(0, batch.size() / 2), mayRepeat);
        append(batch.subList(batch.size() / 2, batch.size()), mayRepeat);
      }
    }
  }

  /**
   * Where there are many to be told, that is left to another thread: the next batch need not wait
   * for it.
   */
  private void tell(Outcome outcome) {
    if (outcome.appended().size() < TOLD_BY_WRITER_MAX) {
      tellNow(outcome);
    } else {
      Thread.startVirtualThread(() -> tellNow(outcome));
    }
  }

  private void tellNow(Outcome outcome) {
    outcome.appended().forEach(Unit::succeed);
    outcome.conflicts().forEach(Unit::fail);
    outcome.appended().forEach(this::forward);
    outcome.placed().forEach(placed -> tail.keep(placed.logEntry()));
    tail.appendedTo(outcome.position());
  }

  private void forward(Unit unit, List<Appended> places) {
    for (int i = 0; i < places.size(); i++) {
      tail.forward(LogMessages.tracked(unit.entries().get(i), places.get(i).position()));
    }
  }

  private static void fail(List<Unit> batch, String message, Exception cause) {
    batch.forEach(
        unit -> unit.fail(new LogUnavailable(message + ": " + cause.getMessage(), cause)));
  }

  /**
   * Learns from the database which units of an append that broke off are in the log. Those that are
   * not are tried once more.
   */
  private void settle(List<Unit> batch, boolean mayRepeat, OutcomeOpen open) {
    LOG.warn("the connection broke during an append; looking up what became of it");
    Outcome found;
    try {
      found = lookUp(batch);
    } catch (SQLException e) {
      batch.forEach(unit -> unit.fail(new LogOutcomeUnknown(open)));
      return;
    }
    tell(found);
    List<Unit> missing =
        batch.stream().filter(unit -> !found.appended().containsKey(unit)).toList();
    if (missing.isEmpty()) {
      return;
    }
    if (mayRepeat) {
      append(missing, false);
    } else {
      fail(missing, "the database was lost; nothing was appended", open);
    }
  }

  private Outcome lookUp(List<Unit> batch) throws SQLException {
    long deadlineNanos = System.nanoTime() + settings.lookupTimeout().toNanos();
    while (true) {
      try {
        return transaction.lookUp(batch);
      } catch (SQLException e) {
        if (System.nanoTime() > deadlineNanos) {
          throw e;
        }
        pauseBetweenLookUps();
      }
    }
  }

  private static void pauseBetweenLookUps() {
    try {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOK_UPS_MILLIS);
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
}

package io.agentflow.bridge;

import io.agentflow.eventstore.Leadership;
import io.agentflow.eventstore.LogUnavailable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * A stream that no node publishes, while somebody repairs it. Whoever publishes it, here or
 * elsewhere, is asked to let go, and goes on behind what the stream then holds.
 */
public final class BridgeHold implements AutoCloseable {

  private static final Duration TRY_EVERY = Duration.ofMillis(50);
  private static final long ASKED_SECONDS_LONGER = 5;

  private final DataSource dataSource;
  private final BusStream stream;
  private final Leadership lock;

  private BridgeHold(DataSource dataSource, BusStream stream, Leadership lock) {
    this.dataSource = dataSource;
    this.stream = stream;
    this.lock = lock;
  }

  /**
   * Takes the stream from whoever publishes it.
   *
   * @param wait for how long to wait until that one lets go, which takes about a second
   * @throws BusFailure when nobody let go in time
   * @throws LogUnavailable when the database does not answer
   */
  public static BridgeHold take(DataSource dataSource, BusStream stream, Duration wait) {
    long deadlineNanos = System.nanoTime() + wait.toNanos();
    want(dataSource, stream, wait.toSeconds() + ASKED_SECONDS_LONGER);
    try {
      while (System.nanoTime() < deadlineNanos) {
        Optional<Leadership> taken = Leadership.tryTake(dataSource, stream.lockKey());
        if (taken.isPresent()) {
          return new BridgeHold(dataSource, stream, taken.get());
        }
        TimeUnit.MILLISECONDS.sleep(TRY_EVERY.toMillis());
      }
      throw new BusFailure(
          "whoever publishes %s did not let go within %d ms".formatted(stream, wait.toMillis()),
          null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusFailure("interrupted while waiting for " + stream, e);
    } finally {
      want(dataSource, stream, 0);
    }
  }

  private static void want(DataSource dataSource, BusStream stream, long seconds) {
    try (Connection connection = dataSource.getConnection()) {
      BridgeCursor.want(connection, stream, seconds);
    } catch (SQLException e) {
      throw new LogUnavailable("the bridge cannot be asked to let go of " + stream, e);
    }
  }

  /**
   * Makes sure that the stream is still held.
   *
   * @throws LogUnavailable when it is not
   */
  public void check() {
    lock.check();
  }

  /**
   * Says how far the stream is filled now; needed only where the bridge cannot see it from the
   * stream's last message.
   *
   * @throws LogUnavailable when the stream is no longer held, or the database does not answer
   */
  public void moveTo(BridgeCursor cursor) {
    lock.check();
    try (Connection connection = dataSource.getConnection()) {
      BridgeCursor.move(connection, stream, cursor);
    } catch (SQLException e) {
      throw new LogUnavailable("the bridge's cursor cannot be moved", e);
    }
  }

  /** Lets the bridge go on. */
  @Override
  public void close() {
    lock.close();
  }
}

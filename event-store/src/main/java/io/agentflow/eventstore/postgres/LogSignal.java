package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.LogTail;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other nodes that the log has grown, and hears it from them (PostgreSQL's LISTEN and
 * NOTIFY). One thread tells, at most once in a while and never within an append: there it would
 * make commits wait for each other. Another listens on a connection of its own. A signal that is
 * lost costs a reader its polling interval, nothing else.
 */
public final class LogSignal implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogSignal.class);
  private static final String CHANNEL = "agentflow_log";

  /** At most so often the others are told, however much is appended. */
  private static final Duration BETWEEN_SIGNALS = Duration.ofMillis(5);

  private static final Duration LOOK_WHETHER_CLOSED = Duration.ofSeconds(1);
  private static final Duration BEFORE_NEXT_TRY = Duration.ofSeconds(1);

  private final DataSource dataSource;
  private final LogTail tail;
  private final Thread telling;
  private final Thread listening;
  private volatile boolean closed;

  /** The last position that was heard of; it need not be told again. */
  private volatile long heard;

  /**
   * Starts to tell and to listen.
   *
   * @param dataSource one connection of it is kept for listening
   * @param tail where this node's writer says how far the log reaches, and is told of the others'
   */
  public LogSignal(DataSource dataSource, LogTail tail) {
    this.dataSource = dataSource;
    this.tail = tail;
    this.telling = Thread.ofVirtual().name("log-signal-telling").start(this::tellUntilClosed);
    this.listening = Thread.ofPlatform().name("log-signal").daemon().start(this::listenUntilClosed);
  }

  private void tellUntilClosed() {
    long told = 0;
    while (!closed) {
      try {
        long position = tail.awaitBeyond(Math.max(told, heard), LOOK_WHETHER_CLOSED);
        if (position > Math.max(told, heard)) {
          tell(position);
          told = position;
          TimeUnit.MILLISECONDS.sleep(BETWEEN_SIGNALS.toMillis());
        }
      } catch (SQLException e) {
        LOG.debug("the other nodes could not be told; they poll", e);
        pause();
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether the log is closed");
      }
    }
  }

  /** It need not survive a crash, so it does not wait for the disk. */
  private void tell(long position) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                begin;
                set local synchronous_commit = off;
                select pg_notify(?, ?);
                commit
                """)) {
      statement.setString(1, CHANNEL);
      statement.setString(2, Long.toString(position));
      statement.execute();
    }
  }

  private void listenUntilClosed() {
    while (!closed) {
      try (Connection connection = dataSource.getConnection()) {
        listen(connection);
      } catch (SQLException | NumberFormatException e) {
        if (!closed) {
          LOG.debug("not listening for other nodes; polling", e);
          pause();
        }
      }
    }
  }

  private void listen(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("listen " + CHANNEL);
      PGConnection notified = connection.unwrap(PGConnection.class);
      while (!closed) {
        PGNotification[] notifications =
            notified.getNotifications(Math.toIntExact(LOOK_WHETHER_CLOSED.toMillis()));
        if (notifications != null) {
          for (PGNotification notification : notifications) {
            hear(Long.parseLong(notification.getParameter()));
          }
        }
      }
      statement.execute("unlisten " + CHANNEL);
    }
  }

  private void hear(long position) {
    heard = Math.max(heard, position);
    tail.advanceTo(position);
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(BEFORE_NEXT_TRY.toMillis());
    } catch (InterruptedException e) {
      LOG.debug("woken to look whether the log is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    telling.interrupt();
    try {
      telling.join();
      listening.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.agentflow.bridge;

import io.agentflow.eventstore.LogUnavailable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's session with PostgreSQL for publishing: it holds the locks of the streams that this node
 * publishes, and moves their cursors. One connection does both, so that nobody who lost a lock
 * moves a cursor. What such a node still publishes the bus refuses, since it names a sequence
 * number that the stream has passed.
 *
 * <p>PostgreSQL ends the session of a node that is silent: one that stands still, or whose machine
 * is gone.
 */
final class BridgeSession implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BridgeSession.class);
  private static final int VALID_WITHIN_SECONDS = 2;

  private static final String CUT_OFF_WHEN_SILENT =
      """
      set idle_session_timeout = '10s';
      set tcp_keepalives_idle = 3;
      set tcp_keepalives_interval = 2;
      set tcp_keepalives_count = 3
      """;

  private static final String AS_IT_WAS =
      """
      select pg_advisory_unlock_all();
      reset idle_session_timeout;
      reset tcp_keepalives_idle;
      reset tcp_keepalives_interval;
      reset tcp_keepalives_count
      """;

  private final DataSource dataSource;
  private final Set<BusStream> held = EnumSet.noneOf(BusStream.class);
  private @Nullable Connection connection;

  BridgeSession(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * Takes a stream, if no other node has it and nobody wants to repair it.
   *
   * @return how far it was published; empty when another has it
   * @throws LogUnavailable when the database does not answer
   */
  synchronized Optional<BridgeCursor> take(BusStream stream) {
    try {
      Connection open = open();
      if (BridgeCursor.isWanted(open, stream) || !lock(open, stream)) {
        closeUnlessHeld();
        return Optional.empty();
      }
      held.add(stream);
      return Optional.of(BridgeCursor.read(open, stream));
    } catch (SQLException e) {
      drop();
      throw new LogUnavailable("the database cannot say who publishes " + stream, e);
    }
  }

  /**
   * How far a stream is published, by whomever.
   *
   * @throws LogUnavailable when the database does not answer
   */
  BridgeCursor cursor(BusStream stream) {
    return BridgeCursor.of(dataSource, stream);
  }

  /**
   * Makes sure that this node still has the stream.
   *
   * @return false when somebody wants to repair it
   * @throws LogUnavailable when the lock is lost
   */
  synchronized boolean keep(BusStream stream) {
    try {
      return !BridgeCursor.isWanted(holding(stream), stream);
    } catch (SQLException e) {
      drop();
      throw new LogUnavailable("the lock of " + stream + " is lost", e);
    }
  }

  /**
   * Moves the cursor.
   *
   * @throws LogUnavailable when the lock is lost
   */
  synchronized void move(BusStream stream, BridgeCursor to) {
    try {
      BridgeCursor.move(holding(stream), stream, to);
    } catch (SQLException e) {
      drop();
      throw new LogUnavailable("the bridge's cursor cannot be moved", e);
    }
  }

  synchronized void release(BusStream stream) {
    if (!held.remove(stream) || connection == null) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_advisory_unlock(?)")) {
      statement.setLong(1, stream.lockKey());
      statement.execute();
      closeUnlessHeld();
    } catch (SQLException e) {
      LOG.debug("the lock went with its connection", e);
      drop();
    }
  }

  private Connection holding(BusStream stream) {
    Connection open = connection;
    if (open == null || !held.contains(stream)) {
      throw new LogUnavailable("the connection that held the lock of " + stream + " is gone", null);
    }
    return open;
  }

  private Connection open() throws SQLException {
    Connection open = connection;
    if (open != null && open.isValid(VALID_WITHIN_SECONDS)) {
      return open;
    }
    drop();
    open = dataSource.getConnection();
    connection = open;
    try (Statement statement = open.createStatement()) {
      statement.execute(CUT_OFF_WHEN_SILENT);
    }
    return open;
  }

  private static boolean lock(Connection open, BusStream stream) throws SQLException {
    try (PreparedStatement statement = open.prepareStatement("select pg_try_advisory_lock(?)")) {
      statement.setLong(1, stream.lockKey());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private void closeUnlessHeld() {
    if (held.isEmpty()) {
      close();
    }
  }

  /** Gives up a connection that broke, and with it all locks. */
  private void drop() {
    held.clear();
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("the connection is broken", e);
      }
      try {
        open.close();
      } catch (SQLException e) {
        LOG.debug("the connection is broken", e);
      }
    }
  }

  /** Gives the connection back as it was. */
  @Override
  public synchronized void close() {
    Connection open = connection;
    if (open == null) {
      return;
    }
    try (Statement statement = open.createStatement()) {
      statement.execute(AS_IT_WAS);
      connection = null;
      held.clear();
      open.close();
    } catch (SQLException e) {
      LOG.debug("the locks went with their connection", e);
      drop();
    }
  }
}

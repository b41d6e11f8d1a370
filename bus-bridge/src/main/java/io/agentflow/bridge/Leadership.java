package io.agentflow.bridge;

import io.agentflow.eventstore.LogUnavailable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of one node to publish: an advisory lock of PostgreSQL, held by a connection and gone
 * with it. A leader that does not know yet that it lost the lock is stopped by the bus, which takes
 * a message only at the place behind the last.
 */
final class Leadership implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  /** Any number, the same on all nodes; these are the letters "AFBRIDGE". */
  private static final long LOCK_KEY = 0x4146425249444745L;

  private static final int VALID_WITHIN_SECONDS = 2;

  private final Connection connection;

  private Leadership(Connection connection) {
    this.connection = connection;
  }

  /** Takes the lead, if no other node has it. */
  static Optional<Leadership> tryTake(DataSource dataSource) {
    try {
      Connection connection = dataSource.getConnection();
      try (PreparedStatement statement =
          connection.prepareStatement("select pg_try_advisory_lock(?)")) {
        statement.setLong(1, LOCK_KEY);
        try (ResultSet row = statement.executeQuery()) {
          if (row.next() && row.getBoolean(1)) {
            return Optional.of(new Leadership(connection));
          }
        }
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
      connection.close();
      return Optional.empty();
    } catch (SQLException e) {
      throw new LogUnavailable("the database cannot say who publishes", e);
    }
  }

  /**
   * Makes sure that the lead is still held.
   *
   * @throws LogUnavailable when the connection that held it is gone
   */
  void check() {
    try {
      if (!connection.isValid(VALID_WITHIN_SECONDS)) {
        throw new LogUnavailable("the connection that held the bridge's lock is gone", null);
      }
    } catch (SQLException e) {
      throw new LogUnavailable("the bridge's lock cannot be checked", e);
    }
  }

  @Override
  public void close() {
    try (connection;
        PreparedStatement statement = connection.prepareStatement("select pg_advisory_unlock(?)")) {
      statement.setLong(1, LOCK_KEY);
      statement.execute();
    } catch (SQLException e) {
      LOG.debug("the lock went with its connection", e);
    }
  }
}

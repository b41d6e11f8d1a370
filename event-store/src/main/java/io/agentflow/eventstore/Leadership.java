package io.agentflow.eventstore;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of one node to do what only one should: an advisory lock of PostgreSQL, held by a
 * connection and gone with it. Who does not know yet that it lost the lock may go on for a moment;
 * what it does then has to be harmless.
 */
public final class Leadership implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  private static final int VALID_WITHIN_SECONDS = 2;

  private final Connection connection;

  private final long key;

  private Leadership(Connection connection, long key) {
    this.connection = connection;
    this.key = key;
  }

  /**
   * Takes the lead, if no other node has it.
   *
   * @param key what is led: any number, the same on all nodes
   * @throws LogUnavailable when the database does not answer
   */
  public static Optional<Leadership> tryTake(DataSource dataSource, long key) {
    try {
      Connection connection = dataSource.getConnection();
      try (PreparedStatement statement =
          connection.prepareStatement("select pg_try_advisory_lock(?)")) {
        statement.setLong(1, key);
        try (ResultSet row = statement.executeQuery()) {
          if (row.next() && row.getBoolean(1)) {
            return Optional.of(new Leadership(connection, key));
          }
        }
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
      connection.close();
      return Optional.empty();
    } catch (SQLException e) {
      throw new LogUnavailable("the database cannot say who leads", e);
    }
  }

  /**
   * Makes sure that the lead is still held.
   *
   * @throws LogUnavailable when the connection that held it is gone
   */
  public void check() {
    try {
      if (!connection.isValid(VALID_WITHIN_SECONDS)) {
        throw new LogUnavailable("the connection that held the lead is gone", null);
      }
    } catch (SQLException e) {
      throw new LogUnavailable("the lead cannot be checked", e);
    }
  }

  @Override
  public void close() {
    try (connection;
        PreparedStatement statement = connection.prepareStatement("select pg_advisory_unlock(?)")) {
      statement.setLong(1, key);
      statement.execute();
    } catch (SQLException e) {
      LOG.debug("the lock went with its connection", e);
    }
  }
}

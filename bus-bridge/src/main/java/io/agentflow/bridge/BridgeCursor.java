package io.agentflow.bridge;

import io.agentflow.eventstore.LogUnavailable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * How far a stream is published.
 *
 * @param position up to this entry of the log, all that the stream tells is acknowledged
 * @param sequence the stream's last sequence number then, {@link #UNKNOWN} where nobody knows
 */
public record BridgeCursor(long position, long sequence) {

  /** No sequence number. */
  public static final long UNKNOWN = -1;

  static final BridgeCursor START = new BridgeCursor(0, UNKNOWN);

  /**
   * The cursor of a stream as it is kept; whoever publishes may be a moment further.
   *
   * @throws LogUnavailable when the database does not answer
   */
  public static BridgeCursor of(DataSource dataSource, BusStream stream) {
    try (Connection connection = dataSource.getConnection()) {
      return read(connection, stream);
    } catch (SQLException e) {
      throw new LogUnavailable("the bridge's cursor cannot be read", e);
    }
  }

  static BridgeCursor read(Connection connection, BusStream stream) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select position, sequence from views.bridge_cursors where stream = ?")) {
      statement.setString(1, stream.name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new BridgeCursor(row.getLong(1), row.getLong(2)) : START;
      }
    }
  }

  /** Moves the cursor; only who holds the stream's lock may. */
  static void move(Connection connection, BusStream stream, BridgeCursor to) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            insert into views.bridge_cursors (stream, position, sequence) values (?, ?, ?)
            on conflict (stream) do update
              set position = excluded.position, sequence = excluded.sequence, moved_at = now()
            """)) {
      statement.setString(1, stream.name());
      statement.setLong(2, to.position());
      statement.setLong(3, to.sequence());
      statement.executeUpdate();
    }
  }

  /** Whether somebody wants to repair the stream, and waits for it. */
  static boolean isWanted(Connection connection, BusStream stream) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select 1 from views.bridge_cursors where stream = ? and yield_until > now()")) {
      statement.setString(1, stream.name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Says that somebody wants to repair the stream, or, with 0 seconds, that nobody does. */
  static void want(Connection connection, BusStream stream, long seconds) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            insert into views.bridge_cursors (stream, position, sequence, yield_until)
            values (?, 0, -1, now() + make_interval(secs => ?))
            on conflict (stream) do update set yield_until = excluded.yield_until
            """)) {
      statement.setString(1, stream.name());
      statement.setDouble(2, (double) seconds);
      statement.executeUpdate();
    }
  }
}

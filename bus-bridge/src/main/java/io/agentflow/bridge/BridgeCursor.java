package io.agentflow.bridge;

import io.agentflow.eventstore.LogUnavailable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Up to which position all entries are acknowledged by the bus. */
final class BridgeCursor {

  private final DataSource dataSource;

  BridgeCursor(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  long position() {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select position from views.bridge_cursor");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new LogUnavailable("the bridge's cursor cannot be read", e);
    }
  }

  void moveTo(long position) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("update views.bridge_cursor set position = ?")) {
      statement.setLong(1, position);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new LogUnavailable("the bridge's cursor cannot be moved", e);
    }
  }
}

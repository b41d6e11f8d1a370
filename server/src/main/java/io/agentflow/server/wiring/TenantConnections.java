package io.agentflow.server.wiring;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.postgresql.jdbc.PgConnection;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Connections that show the rows of one tenant: the one for which the thread works that takes them.
 * The database is told which only when a connection changes hands between tenants, and outside of
 * transactions, hence no rollback takes it back.
 */
final class TenantConnections extends DelegatingDataSource {

  private static final String SHOW = "select set_config('agentflow.tenant', ?, false)";

  private final Supplier<String> currentTenant;

  /** Which tenant each of the pool's own connections shows. */
  private final Map<Connection, String> shown = Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * Takes connections of a pool whose role the database fences.
   *
   * @param currentTenant empty where there is none, who is shown nothing
   */
  TenantConnections(DataSource pool, Supplier<String> currentTenant) {
    super(pool);
    this.currentTenant = currentTenant;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = super.getConnection();
    try {
      show(connection, currentTenant.get());
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void show(Connection connection, String tenantId) throws SQLException {
    Connection own = connection.unwrap(PgConnection.class);
    if (Objects.equals(shown.get(own), tenantId)) {
      return;
    }
    shown.remove(own);
    try (PreparedStatement statement = connection.prepareStatement(SHOW)) {
      statement.setString(1, tenantId);
      statement.execute();
    }
    shown.put(own, tenantId);
  }
}

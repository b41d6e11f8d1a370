package io.agentflow.eventstore.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/**
 * A fresh, migrated database on a real PostgreSQL that commits to disk. There is one server a JVM,
 * started when the first database is wanted and stopped when the JVM ends.
 */
public final class TestDatabase implements AutoCloseable {

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int CONNECTIONS = 24;
  private static final int TENANT_CONNECTIONS = 3;

  private final DataSource owner;
  private final HikariDataSource application;
  private final HikariDataSource tenants;

  private TestDatabase(DataSource owner, HikariDataSource application, HikariDataSource tenants) {
    this.owner = owner;
    this.application = application;
    this.tenants = tenants;
  }

  /** Starts when it is first used. */
  private static final class Server {
    private static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public static TestDatabase create() {
    String name = "test_" + COUNT.incrementAndGet();
    execute(Server.POSTGRES.getPostgresDatabase(), "create database " + name);
    DataSource owner = Server.POSTGRES.getDatabase("postgres", name);
    migrate(owner, "log");
    migrate(owner, "views");
    return new TestDatabase(
        owner,
        pool(name, "agentflow_app", CONNECTIONS),
        pool(name, "agentflow_tenant", TENANT_CONNECTIONS));
  }

  private static HikariDataSource pool(String database, String role, int connectionsMax) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(Server.POSTGRES.getJdbcUrl("postgres", database));
    config.setConnectionInitSql("set role " + role);
    config.setMaximumPoolSize(connectionsMax);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  private static void migrate(DataSource owner, String schema) {
    Flyway.configure()
        .dataSource(owner)
        .schemas(schema)
        .table("flyway_history")
        .locations("classpath:migrations/" + schema)
        .load()
        .migrate();
  }

  /** May do anything: also what the log forbids. */
  public DataSource owner() {
    return owner;
  }

  /** May do what the application may. */
  public DataSource application() {
    return application;
  }

  /** Is shown the tenant that its connection names. */
  public DataSource tenants() {
    return tenants;
  }

  /** Runs a statement as the owner. */
  public void asOwner(String sql) {
    execute(owner, sql);
  }

  private static void execute(DataSource dataSource, String sql) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Override
  public void close() {
    application.close();
    tenants.close();
  }
}

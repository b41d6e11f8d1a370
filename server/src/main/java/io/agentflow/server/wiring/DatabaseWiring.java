package io.agentflow.server.wiring;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentflow.application.CurrentTenant;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.Past;
import io.agentflow.projections.TenantReads;
import io.agentflow.server.ServerSettings;
import io.agentflow.server.embedded.Database;
import io.agentflow.server.embedded.DatabaseUrl;
import io.agentflow.server.embedded.PostgresServer;
import io.agentflow.server.embedded.RunningDatabase;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The database: the one that is named, or one of our own; migrated by its owner, used by a role.
 */
@Configuration(proxyBeanMethods = false)
class DatabaseWiring {

  private static final Logger LOG = LoggerFactory.getLogger(DatabaseWiring.class);

  /** What the application may do is what this role may do; the log's migration grants it. */
  private static final String APPLICATION_ROLE = "agentflow_app";

  /** What is read on a tenant's behalf is read in this role, which sees that tenant alone. */
  private static final String TENANT_ROLE = "agentflow_tenant";

  private static final Duration CANCELLED_WITHIN = Duration.ofSeconds(5);

  @Bean
  RunningDatabase runningDatabase(ServerSettings settings) {
    return settings
        .databaseUrl()
        .map(url -> RunningDatabase.named(DatabaseUrl.parse(url)))
        .orElseGet(() -> PostgresServer.start(settings.home()));
  }

  @Bean
  Database database(RunningDatabase running) {
    return running.database();
  }

  @Bean
  Migrated migrated(Database database) {
    migrate(database, "log");
    migrate(database, "views");
    LOG.info("database {} is migrated", database);
    return new Migrated();
  }

  /** Two schemas, two histories: the log stays for ever, the views may be dropped and rebuilt. */
  private static void migrate(Database database, String schema) {
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .schemas(schema)
        .table("flyway_history")
        .locations("classpath:migrations/" + schema)
        .load()
        .migrate();
  }

  /** For what is done for all tenants: appending, and following what was appended. */
  @Bean
  @Primary
  HikariDataSource dataSource(Database database, Migrated migrated, ServerSettings settings) {
    return new HikariDataSource(pool("agentflow", APPLICATION_ROLE, database, settings));
  }

  @Bean
  HikariDataSource tenantPool(Database database, Migrated migrated, ServerSettings settings) {
    HikariConfig config = pool("tenants", TENANT_ROLE, database, settings);
    Duration queryMax = settings.times().answer();
    config.addDataSourceProperty("options", "-c statement_timeout=" + queryMax.toMillis());
    // Where the database itself is silent, and cancels nothing.
    config.addDataSourceProperty("socketTimeout", queryMax.plus(CANCELLED_WITHIN).toSeconds());
    return new HikariDataSource(config);
  }

  @Bean
  TenantConnections tenantConnections(@Qualifier("tenantPool") HikariDataSource pool) {
    return new TenantConnections(pool, CurrentTenant::name);
  }

  @Bean
  TenantReads tenantReads(TenantConnections connections, Freshness freshness, Past past) {
    return new TenantReads(JdbcClient.create(connections), freshness, past);
  }

  private static HikariConfig pool(
      String name, String role, Database database, ServerSettings settings) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(database.jdbcUrl());
    config.setUsername(database.user());
    config.setPassword(database.password());
    config.setConnectionInitSql("set role " + role);
    config.setMaximumPoolSize(settings.databaseConnections());
    config.setConnectionTimeout(5_000);
    // Else the pool asks its first connection once; when that breaks meanwhile, no later one works.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    // It quotes whole rows, and what is in them is not for the server's output.
    config.addDataSourceProperty("logServerErrorDetail", "false");
    return config;
  }

  /** Says that the tables are there. */
  record Migrated() {}
}

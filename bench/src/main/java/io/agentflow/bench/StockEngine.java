package io.agentflow.bench;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.axonframework.common.jdbc.ConnectionProvider;
import org.axonframework.common.jdbc.PersistenceExceptionResolver;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventsourcing.eventstore.jdbc.EventSchema;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcEventStorageEngine;
import org.axonframework.eventsourcing.eventstore.jdbc.PostgresEventTableFactory;
import org.axonframework.serialization.json.JacksonSerializer;

/** Axon's own JDBC engine, set up as well as it can be. */
final class StockEngine {

  private static final String UNIQUE_VIOLATION = "23505";

  private StockEngine() {}

  static JdbcEventStorageEngine create(
      ConnectionProvider connections, TransactionManager transactions) {
    return JdbcEventStorageEngine.builder()
        .connectionProvider(connections)
        .transactionManager(transactions)
        .eventSerializer(JacksonSerializer.defaultSerializer())
        .snapshotSerializer(JacksonSerializer.defaultSerializer())
        .persistenceExceptionResolver(duplicateKeys())
        .schema(new EventSchema())
        .build();
  }

  static void createTables(DataSource owner) throws SQLException {
    try (Connection connection = owner.getConnection()) {
      PostgresEventTableFactory tables = PostgresEventTableFactory.INSTANCE;
      EventSchema schema = new EventSchema();
      tables.createDomainEventTable(connection, schema).execute();
      tables.createSnapshotEventTable(connection, schema).execute();
    }
  }

  /** The default does not know PostgreSQL's code. */
  private static PersistenceExceptionResolver duplicateKeys() {
    return failure -> {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException sql && UNIQUE_VIOLATION.equals(sql.getSQLState())) {
          return true;
        }
      }
      return false;
    };
  }
}

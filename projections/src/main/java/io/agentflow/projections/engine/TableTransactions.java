package io.agentflow.projections.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;

/**
 * Transactions that do not wait for the disk: what a crash of the database takes from the tables
 * they get again, since their tokens go with it.
 */
public final class TableTransactions extends JdbcTransactionManager {

  private static final long serialVersionUID = 1L;

  public TableTransactions(DataSource dataSource) {
    super(dataSource);
  }

  @Override
  protected void prepareTransactionalConnection(
      Connection connection, TransactionDefinition definition) throws SQLException {
    super.prepareTransactionalConnection(connection, definition);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local synchronous_commit = off");
    }
  }
}

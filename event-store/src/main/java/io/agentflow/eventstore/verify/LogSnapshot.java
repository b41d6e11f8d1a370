package io.agentflow.eventstore.verify;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A connection that looks at one moment of the log, and lets others look at the same moment. All
 * settings are the transaction's own, so that the connection is given back as it came.
 */
final class LogSnapshot implements AutoCloseable {

  private static final String BEGIN = "set transaction isolation level repeatable read, read only";

  /** Ranges are read along the index however PostgreSQL estimates them; nothing is to be sorted. */
  private static final String ALONG_THE_INDEX =
      """
      set local enable_seqscan = off;
      set local enable_bitmapscan = off;
      set local enable_sort = off;
      set local max_parallel_workers_per_gather = 0;
      set local jit = off
      """;

  private static final String HEADS =
      "select tenant_id, tenant_position, coalesce(encode(hash, 'hex'), '') from log.tenant_heads";
  private static final String FIRST_OUT_OF_COUNT =
      """
      select position, tenant_id, tenant_position, before
      from (select position, tenant_id, tenant_position,
                   lag(position, 1, 0::bigint) over (order by position, tenant_id) as before
            from log.events) as counted
      where position <> before + 1
      order by position
      limit 1
      """;
  private static final int FETCH_ROWS = 5_000;

  private final DataSource dataSource;
  private final Connection connection;
  private final boolean autoCommit;
  private final String id;

  private LogSnapshot(DataSource dataSource, @Nullable String joined) throws SQLException {
    this.dataSource = dataSource;
    this.connection = dataSource.getConnection();
    try {
      this.autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      execute(BEGIN);
      if (joined != null) {
        execute("set transaction snapshot '" + joined + "'");
      }
      execute(ALONG_THE_INDEX);
      this.id = joined == null ? text("select pg_export_snapshot()") : joined;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Looks at the log as it is now. */
  static LogSnapshot take(DataSource dataSource) throws SQLException {
    return new LogSnapshot(dataSource, null);
  }

  /** Another connection that looks at the same moment, while this one is open. */
  LogSnapshot join() throws SQLException {
    return new LogSnapshot(dataSource, id);
  }

  Connection connection() {
    return connection;
  }

  /** The recorded heads by tenant, in PostgreSQL's order: of one, or with null of all. */
  Map<String, RecordedHead> heads(@Nullable String tenantId) throws SQLException {
    String condition = tenantId == null ? " order by tenant_id" : " where tenant_id = ?";
    Map<String, RecordedHead> heads = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(HEADS + condition)) {
      statement.setFetchSize(FETCH_ROWS);
      if (tenantId != null) {
        statement.setString(1, tenantId);
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String tenant = row.getString(1);
          heads.put(tenant, new RecordedHead(tenant, row.getLong(2), row.getString(3)));
        }
      }
    }
    return heads;
  }

  /** How many entries lie in a range. */
  long entries(LogRange range) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from log.events where "
                    + range.condition(connection.unwrap(PGConnection.class)))) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The last position that the writer noted; 0 when it is gone. */
  long headPosition() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select max(position) from log.head")) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The first entry, in the order of positions, that is not one behind the entry before it. */
  Optional<OutOfCount> firstOutOfCount() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FIRST_OUT_OF_COUNT)) {
      return row.next()
          ? Optional.of(
              new OutOfCount(row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4)))
          : Optional.empty();
    }
  }

  /** An entry that does not follow the position before it. */
  record OutOfCount(long position, String tenantId, long tenantPosition, long positionBefore) {}

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String text(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  @Override
  public void close() throws SQLException {
    try (connection) {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
    }
  }
}

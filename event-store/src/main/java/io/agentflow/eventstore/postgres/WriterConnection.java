package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.ReceiptKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writer's own connection, with its statements prepared. Transactions are begun and ended in
 * SQL, so that both travel with what they enclose.
 */
final class WriterConnection implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WriterConnection.class);

  /**
   * Whoever holds the head's row appends; all nodes take turns on it. The other statements stand
   * after the lock: under READ COMMITTED each sees a new snapshot, hence everything that the holder
   * before us committed.
   */
  private static final String LOCK_AND_LOOK =
      """
      begin;
      select position, fence from log.head for update;
      select a.id,
             (select max(e.sequence_number) from log.events e where e.aggregate_id = a.id)
      from unnest(?::text[]) as a(id);
      select tenant_id, tenant_position, hash from log.tenant_heads where tenant_id = any (?)
      """;

  private static final String MOVE_FENCE =
      "update log.head set fence = fence + 1 returning position";

  private static final String FIND =
      """
      select event_id, aggregate_id, sequence_number, position, hash
      from log.events where event_id = any (?::text[]::uuid[])
      """;

  private static final String FIND_RECEIPTS =
      """
      select tenant_id, principal, route, key from log.receipts
      where (tenant_id, principal, route, key) in (
        select * from unnest(?::text[], ?::text[], ?::text[], ?::text[]))
      """;

  private static final int USABLE_WITHIN_SECONDS = 5;

  /** The driver sets its socket's time-out in place and needs no thread for it. */
  private static final Executor DIRECT = Runnable::run;

  private final Connection connection;
  private final AppendStatement append;
  private final AppendStatement appendAndCommit;
  private final PreparedStatement lockAndLook;

  /** What the locked head's transaction sees. Aggregates without entries stand at -1. */
  record Locked(
      LogHead head, Map<String, Long> lastSequenceNumbers, Map<String, TenantHead> tenantHeads) {}

  private WriterConnection(Connection connection) throws SQLException {
    this.connection = connection;
    this.append = AppendStatement.alone(connection);
    this.appendAndCommit = AppendStatement.andCommit(connection);
    this.lockAndLook = connection.prepareStatement(LOCK_AND_LOOK);
  }

  /** Opens and sets up a connection; the data source's own settings are not relied on. */
  static WriterConnection open(DataSource dataSource, LogWriterSettings settings)
      throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      connection.setAutoCommit(true);
      connection.setNetworkTimeout(DIRECT, Math.toIntExact(settings.databaseTimeout().toMillis()));
      setUp(connection, settings);
      return new WriterConnection(connection);
    } catch (SQLException | RuntimeException e) {
      drop(connection);
      throw e;
    }
  }

  /**
   * One plan for every batch, by index, however young the table; the lock of a node that stands
   * still is taken from it; and "appended" means on disk, whatever the server's default.
   */
  private static void setUp(Connection connection, LogWriterSettings settings) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          set plan_cache_mode = force_generic_plan;
          set enable_seqscan = off;
          set idle_in_transaction_session_timeout = %d;
          select set_config('synchronous_commit', 'on', false)
          where current_setting('synchronous_commit') = 'off'
          """
              .formatted(settings.lockHeldMax().toMillis()));
      try (ResultSet row = statement.executeQuery("show fsync")) {
        if (row.next() && !row.getString(1).equals("on")) {
          LOG.warn("fsync is off: a crash of the database's machine can lose what was appended");
        }
      }
    }
  }

  AppendStatement append() {
    return append;
  }

  AppendStatement appendAndCommit() {
    return appendAndCommit;
  }

  /** Begins a transaction, locks the head and reads where the log stands: one round trip. */
  Locked lockAndLook(Collection<String> aggregateIds, Collection<String> tenantIds)
      throws SQLException {
    lockAndLook.setArray(1, texts(aggregateIds));
    lockAndLook.setArray(2, texts(tenantIds));
    lockAndLook.execute();
    LogHead head;
    try (ResultSet row = nextResultSet()) {
      row.next();
      head = new LogHead(row.getLong(1), row.getLong(2));
    }
    Map<String, Long> lastSequenceNumbers = new HashMap<>();
    try (ResultSet row = nextResultSet()) {
      while (row.next()) {
        Long last = row.getObject(2, Long.class);
        lastSequenceNumbers.put(row.getString(1), last == null ? -1L : last);
      }
    }
    Map<String, TenantHead> tenantHeads = new HashMap<>();
    try (ResultSet row = nextResultSet()) {
      while (row.next()) {
        tenantHeads.put(row.getString(1), new TenantHead(row.getLong(2), Hash.of(row.getBytes(3))));
      }
    }
    return new Locked(head, lastSequenceNumbers, tenantHeads);
  }

  /** The first result is that of {@code begin}; the others are rows. */
  private ResultSet nextResultSet() throws SQLException {
    lockAndLook.getMoreResults(Statement.KEEP_CURRENT_RESULT);
    return lockAndLook.getResultSet();
  }

  private java.sql.Array texts(Collection<String> values) throws SQLException {
    return connection.createArrayOf("text", values.toArray(String[]::new));
  }

  /**
   * Moves the fence, behind which nothing that is still on its way can be appended.
   *
   * @return the log's last position
   */
  long moveFence() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(MOVE_FENCE)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Those of the events that are in the log, with their places. */
  Map<UUID, Appended> find(Collection<String> eventIds) throws SQLException {
    Map<UUID, Appended> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(1, texts(eventIds));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.put(
              row.getObject(1, UUID.class),
              new Appended(
                  row.getString(2), row.getLong(3), row.getLong(4), Hash.of(row.getBytes(5))));
        }
      }
    }
    return found;
  }

  /** Those of the keys under which there are receipts; in the transaction that is open, if any. */
  Set<ReceiptKey> findReceipts(List<ReceiptKey> keys) throws SQLException {
    if (keys.isEmpty()) {
      return Set.of();
    }
    Set<ReceiptKey> found = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND_RECEIPTS)) {
      statement.setArray(1, texts(keys.stream().map(ReceiptKey::tenantId).toList()));
      statement.setArray(2, texts(keys.stream().map(ReceiptKey::principal).toList()));
      statement.setArray(3, texts(keys.stream().map(ReceiptKey::route).toList()));
      statement.setArray(4, texts(keys.stream().map(ReceiptKey::key).toList()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(
              new ReceiptKey(
                  row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
        }
      }
    }
    return found;
  }

  /** Ends a transaction that may be open; false when the connection is not to be trusted. */
  boolean rollBack() {
    try (Statement statement = connection.createStatement()) {
      statement.execute("rollback");
      return true;
    } catch (SQLException e) {
      LOG.debug("cannot roll back", e);
      return false;
    }
  }

  boolean isUsable() throws SQLException {
    return connection.isValid(USABLE_WITHIN_SECONDS);
  }

  /** Cuts the connection: nobody else is to get it with these settings, or with a transaction. */
  @Override
  public void close() {
    drop(connection);
  }

  private static void drop(Connection connection) {
    try {
      connection.abort(DIRECT);
      connection.close();
    } catch (SQLException e) {
      LOG.debug("the connection that was cut could not be closed: {}", e.getMessage());
    }
  }
}

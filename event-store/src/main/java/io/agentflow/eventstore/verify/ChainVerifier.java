package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogUnavailable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the whole log and derives every hash again from the stored bytes. One consistent snapshot
 * is looked at, however much is appended meanwhile, and memory holds a page of it.
 *
 * <p>What it cannot see: a chain that was recomputed from some entry to its end, together with the
 * recorded head. Whoever knows an earlier head of the chain can.
 */
public final class ChainVerifier {

  private static final int FETCH_ROWS = 1_000;

  private static final String TENANTS =
      "select tenant_id from log.tenant_heads union select distinct tenant_id from log.events";
  private static final String HEAD =
      "select tenant_position, hash from log.tenant_heads where tenant_id = ?";
  private static final String ENTRIES =
      """
      select position, tenant_position, event_id::text, aggregate_type, aggregate_id,
             sequence_number, event_type, event_version,
             to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
             metadata, payload, prev_hash, hash
      from log.events
      where tenant_id = ?
      order by tenant_position, position
      """;

  private final DataSource dataSource;
  private final LongConsumer progress;

  public ChainVerifier(DataSource dataSource) {
    this(dataSource, entries -> {});
  }

  /**
   * A verifier that tells how far it is.
   *
   * @param progress takes the number of entries checked so far, now and then
   */
  public ChainVerifier(DataSource dataSource, LongConsumer progress) {
    this.dataSource = dataSource;
    this.progress = progress;
  }

  /** Verifies the chain of every tenant. */
  public Verification verifyAll() {
    return inSnapshot(
        connection -> {
          List<TenantVerification> verified = new ArrayList<>();
          for (String tenantId : tenants(connection)) {
            verified.add(verify(connection, tenantId));
          }
          return Verification.of(verified);
        });
  }

  /** Verifies one tenant's chain; a tenant without entries is whole. */
  public Verification verify(String tenantId) {
    return inSnapshot(connection -> Verification.of(List.of(verify(connection, tenantId))));
  }

  private Verification inSnapshot(Check check) {
    try (Connection connection = dataSource.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      try {
        return check.run(connection);
      } finally {
        connection.rollback();
        connection.setReadOnly(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setAutoCommit(autoCommit);
      }
    } catch (SQLException e) {
      throw new LogUnavailable("the log cannot be read to verify it", e);
    }
  }

  private static Set<String> tenants(Connection connection) throws SQLException {
    Set<String> tenants = new TreeSet<>();
    try (PreparedStatement statement = connection.prepareStatement(TENANTS);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        tenants.add(row.getString(1));
      }
    }
    return tenants;
  }

  private TenantVerification verify(Connection connection, String tenantId) throws SQLException {
    long startNanos = System.nanoTime();
    ChainWalk walk = new ChainWalk(tenantId);
    try (PreparedStatement statement = connection.prepareStatement(ENTRIES)) {
      statement.setFetchSize(FETCH_ROWS);
      statement.setString(1, tenantId);
      try (ResultSet row = statement.executeQuery()) {
        while (walk.finding() == null && row.next()) {
          walk.step(storedEntry(row));
          if (walk.entries() % FETCH_ROWS == 0) {
            progress.accept(walk.entries());
          }
        }
      }
    }
    Finding finding = walk.finding();
    if (finding == null) {
      finding = compareHead(connection, tenantId, walk);
    }
    long nanos = System.nanoTime() - startNanos;
    return new TenantVerification(
        tenantId,
        finding == null,
        walk.entries(),
        nanos == 0 ? 0 : (long) (walk.entries() * 1e9 / nanos),
        nanos / 1_000_000,
        finding == null ? null : finding.tenantPosition(),
        finding);
  }

  private static StoredEntry storedEntry(ResultSet row) throws SQLException {
    return new StoredEntry(
        row.getLong(1),
        row.getLong(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getLong(6),
        row.getString(7),
        row.getInt(8),
        row.getString(9),
        row.getString(10),
        row.getString(11),
        Hash.of(row.getBytes(12)),
        Hash.of(row.getBytes(13)));
  }

  private static @Nullable Finding compareHead(
      Connection connection, String tenantId, ChainWalk walk) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(HEAD)) {
      statement.setString(1, tenantId);
      try (ResultSet row = statement.executeQuery()) {
        Optional<RecordedHead> head =
            row.next()
                ? Optional.of(new RecordedHead(row.getLong(1), Hash.of(row.getBytes(2))))
                : Optional.empty();
        return walk.compareWith(head);
      }
    }
  }

  private interface Check {
    Verification run(Connection connection) throws SQLException;
  }
}

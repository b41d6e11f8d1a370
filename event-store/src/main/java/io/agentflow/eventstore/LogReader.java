package io.agentflow.eventstore;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Reads the log page by page, by key: memory holds one page, however long the log is. Every method
 * throws {@link LogUnavailable} when the database does not answer.
 */
public final class LogReader {

  private static final String COLUMNS =
      """
      select position, tenant_id, tenant_position, event_id, aggregate_type, aggregate_id,
             sequence_number, event_type, event_version, occurred_at, metadata, payload,
             prev_hash, hash
      from log.events
      """;

  private final DataSource dataSource;

  public LogReader(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** The entries of all tenants after a position (0 for the start), in order, at most a page. */
  public List<LogEntry> after(long position, int limit) {
    return query(
        COLUMNS + "where position > ? order by position limit ?",
        statement -> {
          statement.setLong(1, position);
          statement.setInt(2, limit);
        });
  }

  /** A tenant's entries after a tenant position (0 for the start), in order, at most a page. */
  public List<LogEntry> ofTenant(String tenantId, long afterTenantPosition, int limit) {
    return query(
        COLUMNS + "where tenant_id = ? and tenant_position > ? order by tenant_position limit ?",
        statement -> {
          statement.setString(1, tenantId);
          statement.setLong(2, afterTenantPosition);
          statement.setInt(3, limit);
        });
  }

  /**
   * One aggregate's entries after a sequence number (-1 for the start), in order, at most a page.
   * Empty when the aggregate belongs to another tenant.
   */
  public List<LogEntry> ofAggregate(
      String tenantId, String aggregateId, long afterSequenceNumber, int limit) {
    return query(
        COLUMNS
            + """
            where tenant_id = ? and aggregate_id = ? and sequence_number > ?
            order by sequence_number limit ?
            """,
        statement -> {
          statement.setString(1, tenantId);
          statement.setString(2, aggregateId);
          statement.setLong(3, afterSequenceNumber);
          statement.setInt(4, limit);
        });
  }

  /** The entry that gave the aggregate this sequence number. */
  public Optional<LogEntry> find(String tenantId, String aggregateId, long sequenceNumber) {
    return ofAggregate(tenantId, aggregateId, sequenceNumber - 1, 1).stream()
        .filter(entry -> entry.sequenceNumber() == sequenceNumber)
        .findFirst();
  }

  /** The position of the last entry; 0 when the log is empty. */
  public long headPosition() {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select coalesce(max(position), 0) from log.events");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new LogUnavailable("cannot read the log's head", e);
    }
  }

  private List<LogEntry> query(String sql, Parameters parameters) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      parameters.set(statement);
      List<LogEntry> entries = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          entries.add(entry(row));
        }
      }
      return entries;
    } catch (SQLException e) {
      throw new LogUnavailable("cannot read the log", e);
    }
  }

  private static LogEntry entry(ResultSet row) throws SQLException {
    return new LogEntry(
        row.getLong("position"),
        row.getString("tenant_id"),
        row.getLong("tenant_position"),
        row.getObject("event_id", UUID.class),
        row.getString("aggregate_type"),
        row.getString("aggregate_id"),
        row.getLong("sequence_number"),
        row.getString("event_type"),
        row.getInt("event_version"),
        row.getObject("occurred_at", OffsetDateTime.class).toInstant(),
        row.getString("metadata"),
        row.getString("payload"),
        Hash.of(row.getBytes("prev_hash")),
        Hash.of(row.getBytes("hash")));
  }

  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }
}

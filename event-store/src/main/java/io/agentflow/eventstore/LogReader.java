package io.agentflow.eventstore;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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

  /** One tenant's entries after a tenant position (0 for the start), in order, at most a page. */
  public List<LogEntry> ofTenant(String tenantId, long afterTenantPosition, int limit) {
    return query(
        COLUMNS + "where tenant_id = ? and tenant_position > ? order by tenant_position limit ?",
        statement -> {
          statement.setString(1, tenantId);
          statement.setLong(2, afterTenantPosition);
          statement.setInt(3, limit);
        });
  }

  /** One aggregate's entries behind a position of the log, in order, at most a page. */
  public List<LogEntry> ofAggregateBehind(
      String tenantId, String aggregateId, long position, int limit) {
    return query(
        COLUMNS
            + """
            where tenant_id = ? and aggregate_id = ? and position > ?
            order by sequence_number limit ?
            """,
        statement -> {
          statement.setString(1, tenantId);
          statement.setString(2, aggregateId);
          statement.setLong(3, position);
          statement.setInt(4, limit);
        });
  }

  /**
   * The tenant position of a tenant's last entry that stands at a position of the log or before it;
   * 0 when there is none. Both grow together and neither has gaps, so halving finds it by a few
   * looks into the tenant's index, however rare the tenant is in the log.
   */
  public long tenantPositionAt(String tenantId, long position) {
    long at = 0;
    long beyond =
        1
            + queryLong(
                    "select max(tenant_position) from log.events where tenant_id = ?",
                    statement -> statement.setString(1, tenantId))
                .orElse(0L);
    while (beyond - at > 1) {
      long middle = at + (beyond - at) / 2;
      long found =
          queryLong(
                  "select position from log.events where tenant_id = ? and tenant_position = ?",
                  statement -> {
                    statement.setString(1, tenantId);
                    statement.setLong(2, middle);
                  })
              .orElseThrow();
      if (found <= position) {
        at = middle;
      } else {
        beyond = middle;
      }
    }
    return at;
  }

  /** The same for whichever tenant owns the aggregate: the caller has to fence. */
  public List<LogEntry> ofAggregate(String aggregateId, long afterSequenceNumber, int limit) {
    return query(
        COLUMNS + "where aggregate_id = ? and sequence_number > ? order by sequence_number limit ?",
        statement -> {
          statement.setString(1, aggregateId);
          statement.setLong(2, afterSequenceNumber);
          statement.setInt(3, limit);
        });
  }

  /** The aggregate's last entry that stands at this position or before it. */
  public Optional<LogEntry> lastOfAggregate(String tenantId, String aggregateId, long atPosition) {
    return query(
            COLUMNS
                + """
                where tenant_id = ? and aggregate_id = ? and position <= ?
                order by sequence_number desc limit 1
                """,
            statement -> {
              statement.setString(1, tenantId);
              statement.setString(2, aggregateId);
              statement.setLong(3, atPosition);
            })
        .stream()
        .findFirst();
  }

  /** The entry that gave the aggregate this sequence number. */
  public Optional<LogEntry> find(String tenantId, String aggregateId, long sequenceNumber) {
    return ofAggregate(tenantId, aggregateId, sequenceNumber - 1, 1).stream()
        .filter(entry -> entry.sequenceNumber() == sequenceNumber)
        .findFirst();
  }

  /** The aggregate's last sequence number, whichever tenant owns it. */
  public Optional<Long> lastSequenceNumber(String aggregateId) {
    return queryLong(
        "select max(sequence_number) from log.events where aggregate_id = ?",
        statement -> statement.setString(1, aggregateId));
  }

  /** The position of the last entry; 0 when the log is empty. */
  public long headPosition() {
    return queryLong("select position from log.head", statement -> {}).orElse(0L);
  }

  /** The position before the first entry that occurred at the instant or later, else the last. */
  public long positionBefore(Instant instant) {
    return queryLong(
            """
            select coalesce(
              (select min(position) - 1 from log.events where occurred_at >= ?),
              (select position from log.head))
            """,
            statement -> statement.setObject(1, instant.atOffset(ZoneOffset.UTC)))
        .orElse(0L);
  }

  /** How many tenants have a chain. */
  public long tenants() {
    return queryLong("select count(*) from log.tenant_heads", statement -> {}).orElse(0L);
  }

  private Optional<Long> queryLong(String sql, Parameters parameters) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      parameters.set(statement);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long value = row.getLong(1);
        return row.wasNull() ? Optional.empty() : Optional.of(value);
      }
    } catch (SQLException e) {
      throw new LogUnavailable("cannot read the log", e);
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

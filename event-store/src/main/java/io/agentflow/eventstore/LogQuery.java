package io.agentflow.eventstore;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;

/** Asks the log's table, and makes entries of its rows. */
record LogQuery(DataSource dataSource) {

  static final String COLUMNS =
      """
      select position, tenant_id, tenant_position, event_id, aggregate_type, aggregate_id,
             sequence_number, event_type, event_version, occurred_at, metadata, payload,
             prev_hash, hash
      from log.events
      """;

  Optional<Long> number(String sql, Parameters parameters) {
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

  List<LogEntry> entries(String sql, Parameters parameters) {
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

  /** The selected entries behind one position and up to another, in order, at most a page. */
  List<LogEntry> selected(EntrySelection selection, long after, long upTo, int limit) {
    StringBuilder sql = new StringBuilder(COLUMNS).append("where position > ? and position <= ?");
    List<Set<String>> names = new ArrayList<>();
    restrict(sql, names, " and aggregate_type = any (?)", selection.aggregateTypes());
    restrict(sql, names, " and aggregate_type <> all (?)", selection.exceptAggregateTypes());
    restrict(sql, names, " and event_type = any (?)", selection.eventTypes());
    restrict(sql, names, " and event_type <> all (?)", selection.exceptEventTypes());
    sql.append(" order by position limit ?");
    return entries(
        sql.toString(),
        statement -> {
          int parameter = 0;
          statement.setLong(++parameter, after);
          statement.setLong(++parameter, upTo);
          for (Set<String> some : names) {
            statement.setArray(
                ++parameter, statement.getConnection().createArrayOf("text", some.toArray()));
          }
          statement.setInt(++parameter, limit);
        });
  }

  private static void restrict(
      StringBuilder sql, List<Set<String>> names, String condition, Set<String> some) {
    if (!some.isEmpty()) {
      sql.append(condition);
      names.add(some);
    }
  }

  /**
   * What an aggregate of a tenant did behind a sequence number and up to a position. Sequence
   * numbers have no gaps, so a page is a range of the aggregate's index; the position is an
   * expression, or its index would be read as far as the log goes.
   */
  List<LogEntry> ofAggregate(
      String tenantId, String aggregateId, long afterSequenceNumber, long lastPosition, int limit) {
    return entries(
        COLUMNS
            + """
            where tenant_id = ? and aggregate_id = ? and sequence_number > ?
              and sequence_number <= ? and position + 0 <= ?
            order by sequence_number
            """,
        statement -> {
          statement.setString(1, tenantId);
          statement.setString(2, aggregateId);
          statement.setLong(3, afterSequenceNumber);
          statement.setLong(4, afterSequenceNumber + limit);
          statement.setLong(5, lastPosition);
        });
  }

  /** By the numbers of {@link #COLUMNS}: looking up names takes longer than reading the values. */
  private static LogEntry entry(ResultSet row) throws SQLException {
    return new LogEntry(
        row.getLong(1),
        row.getString(2),
        row.getLong(3),
        row.getObject(4, UUID.class),
        row.getString(5),
        row.getString(6),
        row.getLong(7),
        row.getString(8),
        row.getInt(9),
        row.getObject(10, OffsetDateTime.class).toInstant(),
        row.getString(11),
        row.getString(12),
        Hash.of(row.getBytes(13)),
        Hash.of(row.getBytes(14)));
  }

  interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }
}

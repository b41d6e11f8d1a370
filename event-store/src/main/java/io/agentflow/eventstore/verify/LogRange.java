package io.agentflow.eventstore.verify;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A stretch of the log in the order of its index (tenant_id, tenant_position). Which of two tenants
 * comes first is PostgreSQL's to say; the ranges name keys and compare none.
 *
 * @param tenantId the only tenant; null for all
 * @param from the first key; null for the start
 * @param to the key behind the last; null for the end
 */
record LogRange(@Nullable String tenantId, @Nullable Key from, @Nullable Key to) {

  /** However far a head was moved by somebody, there are not more ranges. */
  private static final int RANGES_MAX = 100_000;

  record Key(String tenantId, long tenantPosition) {}

  /**
   * Cuts the log, or one tenant's chain, into ranges that follow one another without gap, so that
   * also entries without a head lie in one.
   *
   * @param heads in PostgreSQL's order of tenants
   */
  static List<LogRange> cut(
      @Nullable String tenantId, Iterable<RecordedHead> heads, long entriesPerRange) {
    double total = 0;
    for (RecordedHead head : heads) {
      total += Math.max(0, head.tenantPosition());
    }
    long rangeEntries = Math.max(entriesPerRange, (long) (total / RANGES_MAX));
    List<LogRange> ranges = new ArrayList<>();
    Key from = null;
    long filled = 0;
    for (RecordedHead head : heads) {
      long taken = 0;
      while (head.tenantPosition() - taken > rangeEntries - filled) {
        taken += rangeEntries - filled;
        filled = 0;
        Key to = new Key(head.tenantId(), taken + 1);
        ranges.add(new LogRange(tenantId, from, to));
        from = to;
      }
      filled += Math.max(0, head.tenantPosition()) - taken;
    }
    ranges.add(new LogRange(tenantId, from, null));
    return ranges;
  }

  /** The condition in SQL; COPY takes no parameters. */
  String condition(PGConnection connection) throws SQLException {
    StringBuilder sql = new StringBuilder("tenant_id is not null and tenant_position is not null");
    if (tenantId != null) {
      sql.append(" and tenant_id = ").append(literal(connection, tenantId));
    }
    if (from != null) {
      sql.append(" and (tenant_id, tenant_position) >= ").append(row(connection, from));
    }
    if (to != null) {
      sql.append(" and (tenant_id, tenant_position) < ").append(row(connection, to));
    }
    return sql.toString();
  }

  private static String row(PGConnection connection, Key key) throws SQLException {
    return "(%s, %d)".formatted(literal(connection, key.tenantId()), key.tenantPosition());
  }

  private static String literal(PGConnection connection, String text) throws SQLException {
    return "'" + connection.escapeLiteral(text) + "'";
  }
}

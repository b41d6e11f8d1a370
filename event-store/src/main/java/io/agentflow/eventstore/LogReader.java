package io.agentflow.eventstore;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Reads the log of all tenants, page by page, by key: memory holds one page, however long the log
 * is. What is read for one tenant is read by {@link TenantLog}. Every method throws {@link
 * LogUnavailable} when the database does not answer.
 */
public final class LogReader {

  private final LogQuery log;

  public LogReader(DataSource dataSource) {
    this.log = new LogQuery(dataSource);
  }

  /** The entries of all tenants after a position (0 for the start), in order, at most a page. */
  public List<LogEntry> after(long position, int limit) {
    return log.entries(
        LogQuery.COLUMNS + "where position > ? order by position limit ?",
        statement -> {
          statement.setLong(1, position);
          statement.setInt(2, limit);
        });
  }

  /**
   * Those of the entries behind one position and up to another that are selected, in order, at most
   * a page.
   */
  public List<LogEntry> selected(EntrySelection selection, long after, long upTo, int limit) {
    return log.selected(selection, after, upTo, limit);
  }

  /**
   * What an aggregate of a tenant did behind a sequence number (-1 for the start), as far as it
   * stands at a position of the log or before it, in order, at most a page.
   */
  public List<LogEntry> ofAggregate(
      String tenantId, String aggregateId, long afterSequenceNumber, long lastPosition, int limit) {
    return log.ofAggregate(tenantId, aggregateId, afterSequenceNumber, lastPosition, limit);
  }

  /** The aggregate's last sequence number, whichever tenant owns it. */
  public Optional<Long> lastSequenceNumber(String aggregateId) {
    return log.number(
        "select max(sequence_number) from log.events where aggregate_id = ?",
        statement -> statement.setString(1, aggregateId));
  }

  /** The position of the last entry; 0 when the log is empty. */
  public long headPosition() {
    return log.number("select position from log.head", statement -> {}).orElse(0L);
  }

  /** The position before the first entry that occurred at the instant or later, else the last. */
  public long positionBefore(Instant instant) {
    return log.number(
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
    return log.number("select count(*) from log.tenant_heads", statement -> {}).orElse(0L);
  }
}

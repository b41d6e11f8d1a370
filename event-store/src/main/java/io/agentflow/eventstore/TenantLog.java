package io.agentflow.eventstore;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Reads what one tenant has in the log, page by page, by key. Its connections should show that
 * tenant's entries and no other's, so that a mistake in here shows nothing. Every method throws
 * {@link LogUnavailable} when the database does not answer.
 */
public final class TenantLog {

  /** By so much the clocks of nodes may differ. */
  private static final Duration CLOCKS_DIFFER_MAX = Duration.ofMinutes(1);

  private static final long LOOKED_BACK_ENTRIES = 1_000;

  private final LogQuery log;

  public TenantLog(DataSource dataSource) {
    this.log = new LogQuery(dataSource);
  }

  /**
   * One aggregate's entries after a sequence number (-1 for the start), in order, at most a page.
   * Empty when the aggregate belongs to another tenant.
   *
   * <p>Its numbers have no gaps, so a page is named by its first and its last: by a limit alone
   * PostgreSQL, which takes the fence of tenants to let through very little, reads all that follows
   * and sorts it, for each page of a long history again.
   */
  public List<LogEntry> ofAggregate(
      String tenantId, String aggregateId, long afterSequenceNumber, int limit) {
    return log.entries(
        LogQuery.COLUMNS
            + """
            where tenant_id = ? and aggregate_id = ? and sequence_number between ? and ?
            order by sequence_number
            """,
        statement -> {
          statement.setString(1, tenantId);
          statement.setString(2, aggregateId);
          statement.setLong(3, afterSequenceNumber + 1);
          statement.setLong(4, afterSequenceNumber + limit);
        });
  }

  /**
   * What an aggregate of a tenant did behind a sequence number (-1 for the start), as far as it
   * stands at a position of the log or before it, in order, at most a page.
   */
  public List<LogEntry> ofAggregate(
      String tenantId, String aggregateId, long afterSequenceNumber, long lastPosition, int limit) {
    return log.ofAggregate(tenantId, aggregateId, afterSequenceNumber, lastPosition, limit);
  }

  /** One tenant's entries after a tenant position (0 for the start), in order, at most a page. */
  public List<LogEntry> ofTenant(String tenantId, long afterTenantPosition, int limit) {
    return log.entries(
        LogQuery.COLUMNS
            + "where tenant_id = ? and tenant_position > ? order by tenant_position limit ?",
        statement -> {
          statement.setString(1, tenantId);
          statement.setLong(2, afterTenantPosition);
          statement.setInt(3, limit);
        });
  }

  /**
   * One tenant's entries behind a tenant position and up to another, in order: a page, named by its
   * ends as those of {@link #ofAggregate(String, String, long, int)} are, and for the same reason.
   */
  public List<LogEntry> ofTenantThrough(
      String tenantId, long afterTenantPosition, long lastTenantPosition) {
    return log.entries(
        LogQuery.COLUMNS
            + "where tenant_id = ? and tenant_position between ? and ? order by tenant_position",
        statement -> {
          statement.setString(1, tenantId);
          statement.setLong(2, afterTenantPosition + 1);
          statement.setLong(3, lastTenantPosition);
        });
  }

  /** One aggregate's entries behind a position of the log, in order, at most a page. */
  public List<LogEntry> ofAggregateBehind(
      String tenantId, String aggregateId, long position, int limit) {
    return log.entries(
        LogQuery.COLUMNS
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
    return lastTenantPosition(
        tenantId, "position <= ?", statement -> statement.setLong(1, position));
  }

  /**
   * The position in the log of the tenant's last entry that occurred at this time or before it; 0
   * when there is none. Entries stand in the order of their times but for what the clocks of nodes
   * differ; as long as that is at most {@link #CLOCKS_DIFFER_MAX}, this is exact, and found by a
   * few looks into the tenant's index.
   */
  public long positionAt(String tenantId, Instant at) {
    OffsetDateTime time = OffsetDateTime.ofInstant(at, ZoneOffset.UTC);
    long noneBehind =
        lastTenantPosition(
            tenantId,
            "occurred_at <= ?",
            statement -> statement.setObject(1, time.plus(CLOCKS_DIFFER_MAX)));
    for (long last = noneBehind; last > 0; last -= LOOKED_BACK_ENTRIES) {
      Optional<Long> found = lastPosition(tenantId, last, time);
      if (found.isPresent()) {
        return found.get();
      }
    }
    return 0;
  }

  /** Of some of the tenant's entries, the last that occurred at this time or before it. */
  private Optional<Long> lastPosition(
      String tenantId, long lastTenantPosition, OffsetDateTime time) {
    return log.number(
        """
        select max(position + 0) from log.events
        where tenant_id = ? and tenant_position > ? and tenant_position <= ? and occurred_at <= ?
        """,
        statement -> {
          statement.setString(1, tenantId);
          statement.setLong(2, lastTenantPosition - LOOKED_BACK_ENTRIES);
          statement.setLong(3, lastTenantPosition);
          statement.setObject(4, time);
        });
  }

  /** The last of the tenant's positions at which this is so; 0 where it is not so at the first. */
  private long lastTenantPosition(
      String tenantId, String condition, LogQuery.Parameters firstParameter) {
    long at = 0;
    long beyond =
        1
            + log.number(
                    "select max(tenant_position) from log.events where tenant_id = ?",
                    statement -> statement.setString(1, tenantId))
                .orElse(0L);
    while (beyond - at > 1) {
      long middle = at + (beyond - at) / 2;
      long isSo =
          log.number(
                  "select case when %s then 1 else 0 end from log.events".formatted(condition)
                      + " where tenant_id = ? and tenant_position = ?",
                  statement -> {
                    firstParameter.set(statement);
                    statement.setString(2, tenantId);
                    statement.setLong(3, middle);
                  })
              .orElseThrow();
      if (isSo == 1) {
        at = middle;
      } else {
        beyond = middle;
      }
    }
    return at;
  }

  /** The tenant's last entry that stands at a position of the log or before it. */
  public Optional<LogEntry> lastOfTenant(String tenantId, long atPosition) {
    long last = tenantPositionAt(tenantId, atPosition);
    return last == 0 ? Optional.empty() : ofTenant(tenantId, last - 1, 1).stream().findFirst();
  }

  /**
   * Which aggregates of a tenant.
   *
   * @param type of aggregates
   * @param since they began at this time or later
   * @param after a tenant position behind which they began
   * @param through up to this one
   */
  public record Begun(String tenantId, String type, Instant since, long after, long through) {

    private static final String CONDITION =
        """
        where tenant_id = ? and tenant_position between ? and ?
          and sequence_number = 0 and aggregate_type = ? and occurred_at >= ?
        """;

    /** The same between other positions. */
    public Begun between(long otherAfter, long otherThrough) {
      return new Begun(tenantId, type, since, otherAfter, otherThrough);
    }

    private void set(PreparedStatement statement) throws SQLException {
      statement.setString(1, tenantId);
      statement.setLong(2, after + 1);
      statement.setLong(3, through);
      statement.setString(4, type);
      statement.setObject(5, OffsetDateTime.ofInstant(since, ZoneOffset.UTC));
    }
  }

  /** How many aggregates began so. Looks at each of the tenant's entries between the positions. */
  public long count(Begun begun) {
    return log.number("select count(*) from log.events " + Begun.CONDITION, begun::set).orElse(0L);
  }

  /** Their first entries, in order, at most so many. Looks at each entry in between, too. */
  public List<LogEntry> firstEntries(Begun begun, int limit) {
    return log.entries(
        LogQuery.COLUMNS + Begun.CONDITION + " order by tenant_position limit ?",
        statement -> {
          begun.set(statement);
          statement.setInt(6, limit);
        });
  }

  /** One aggregate's, of any tenant that the connections show. */
  public List<LogEntry> ofAggregate(String aggregateId, long afterSequenceNumber, int limit) {
    return log.entries(
        LogQuery.COLUMNS
            + "where aggregate_id = ? and sequence_number > ? order by sequence_number limit ?",
        statement -> {
          statement.setString(1, aggregateId);
          statement.setLong(2, afterSequenceNumber);
          statement.setInt(3, limit);
        });
  }

  /** The aggregate's last entry that stands at this position or before it. */
  public Optional<LogEntry> lastOfAggregate(String tenantId, String aggregateId, long atPosition) {
    return first(
        "position <= ? order by sequence_number desc",
        tenantId,
        aggregateId,
        statement -> statement.setLong(3, atPosition));
  }

  /** The aggregate's last entry that occurred at this time or before it. */
  public Optional<LogEntry> lastOfAggregate(String tenantId, String aggregateId, Instant at) {
    return first(
        "occurred_at <= ? order by sequence_number desc",
        tenantId,
        aggregateId,
        statement -> statement.setObject(3, OffsetDateTime.ofInstant(at, ZoneOffset.UTC)));
  }

  /** The aggregate's first entry that stands at this position or behind it. */
  public Optional<LogEntry> firstOfAggregate(String tenantId, String aggregateId, long atPosition) {
    return first(
        "position >= ? order by sequence_number",
        tenantId,
        aggregateId,
        statement -> statement.setLong(3, atPosition));
  }

  /** The aggregate's first entry that occurred at this time or later. */
  public Optional<LogEntry> firstOfAggregate(String tenantId, String aggregateId, Instant at) {
    return first(
        "occurred_at >= ? order by sequence_number",
        tenantId,
        aggregateId,
        statement -> statement.setObject(3, OffsetDateTime.ofInstant(at, ZoneOffset.UTC)));
  }

  private Optional<LogEntry> first(
      String condition, String tenantId, String aggregateId, LogQuery.Parameters third) {
    return log
        .entries(
            LogQuery.COLUMNS
                + "where tenant_id = ? and aggregate_id = ? and "
                + condition
                + " limit 1",
            statement -> {
              statement.setString(1, tenantId);
              statement.setString(2, aggregateId);
              third.set(statement);
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
}

package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.chain.ChainLink;
import io.agentflow.eventstore.postgres.LogWriter.CommitInterrupted;
import io.agentflow.eventstore.postgres.LogWriter.Unit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One transaction that appends a batch: lock the head, look where the aggregates and tenants stand,
 * chain, insert all in one statement, move the heads. Used by the writer's thread alone.
 */
final class AppendTransaction {

  private static final Logger LOG = LoggerFactory.getLogger(AppendTransaction.class);

  /** Whoever holds this row appends; all nodes take turns on it. */
  private static final String LOCK_HEAD = "select position from log.head for update";

  // After the lock and in statements of their own: under READ COMMITTED each sees a new snapshot,
  // hence everything that the holder before us committed.
  private static final String LAST_SEQUENCE_NUMBERS =
      """
      select a.id,
             (select max(e.sequence_number) from log.events e where e.aggregate_id = a.id)
      from unnest(?) as a(id)
      """;
  private static final String TENANT_HEADS =
      "select tenant_id, tenant_position, hash from log.tenant_heads where tenant_id = any (?)";

  private static final String INSERT =
      """
      with entries as (
        insert into log.events (
          position, tenant_id, tenant_position, event_id, aggregate_type, aggregate_id,
          sequence_number, event_type, event_version, occurred_at, metadata, payload,
          prev_hash, hash)
        select * from unnest(
          ?::bigint[], ?::text[], ?::bigint[], ?::uuid[], ?::text[], ?::text[], ?::bigint[],
          ?::text[], ?::integer[], ?::timestamptz[], ?::text[], ?::text[], ?::bytea[], ?::bytea[])
      ), head as (
        update log.head set position = ?
      )
      insert into log.tenant_heads (tenant_id, tenant_position, hash)
      select * from unnest(?::text[], ?::bigint[], ?::bytea[])
      on conflict (tenant_id)
        do update set tenant_position = excluded.tenant_position, hash = excluded.hash
      """;

  private final DataSource dataSource;
  private @Nullable Connection connection;

  AppendTransaction(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  private record TenantHead(long position, Hash hash) {
    static final TenantHead GENESIS = new TenantHead(0, Hash.GENESIS);
  }

  /** An entry with the place that it was given. */
  private record Placed(
      NewEntry entry, long position, long tenantPosition, Hash prevHash, Hash hash) {}

  /**
   * Appends the units that fit and fails those that conflict.
   *
   * @return the log's last position
   * @throws SQLException when the database refused; nothing is appended
   * @throws CommitInterrupted when the connection broke while the commit was on its way
   */
  long append(List<Unit> batch) throws SQLException, CommitInterrupted {
    Connection open = connection();
    Map<Unit, RuntimeException> conflicts = new LinkedHashMap<>();
    long position;
    try {
      position = lockHead(open);
      List<Placed> placed = place(open, batch, position, conflicts);
      if (placed.isEmpty()) {
        open.rollback();
        conflicts.forEach(Unit::fail);
        return position;
      }
      position = placed.getLast().position();
      insert(open, placed, position);
    } catch (SQLException | RuntimeException e) {
      // Whatever it was: nothing may stay behind that a later commit would take along.
      rollBack(open);
      throw e;
    }
    try {
      open.commit();
    } catch (SQLException e) {
      discard();
      throw new CommitInterrupted(e);
    }
    // Only now: a unit may have conflicted with one that the database refused after all, and then
    // it is tried once more.
    conflicts.forEach(Unit::fail);
    return position;
  }

  private static long lockHead(Connection open) throws SQLException {
    try (PreparedStatement statement = open.prepareStatement(LOCK_HEAD);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private static List<Placed> place(
      Connection open, List<Unit> batch, long head, Map<Unit, RuntimeException> conflicts)
      throws SQLException {
    Map<String, Long> lastSequenceNumbers = lastSequenceNumbers(open, batch);
    Map<String, TenantHead> tenantHeads = tenantHeads(open, batch);
    List<Placed> placed = new ArrayList<>();
    for (Unit unit : batch) {
      NewEntry conflict = conflict(unit, lastSequenceNumbers);
      if (conflict != null) {
        conflicts.put(unit, conflictException(conflict));
        continue;
      }
      for (NewEntry entry : unit.entries()) {
        TenantHead before = tenantHeads.getOrDefault(entry.tenantId(), TenantHead.GENESIS);
        long tenantPosition = before.position() + 1;
        Hash hash = ChainLink.hash(before.hash(), record(entry, tenantPosition));
        placed.add(
            new Placed(entry, head + placed.size() + 1, tenantPosition, before.hash(), hash));
        tenantHeads.put(entry.tenantId(), new TenantHead(tenantPosition, hash));
        lastSequenceNumbers.put(entry.aggregateId(), entry.sequenceNumber());
      }
    }
    return placed;
  }

  private static @Nullable NewEntry conflict(Unit unit, Map<String, Long> lastSequenceNumbers) {
    Map<String, Long> last = new HashMap<>();
    for (NewEntry entry : unit.entries()) {
      long before =
          last.computeIfAbsent(
              entry.aggregateId(), id -> lastSequenceNumbers.getOrDefault(id, -1L));
      if (entry.sequenceNumber() != before + 1) {
        return entry;
      }
      last.put(entry.aggregateId(), entry.sequenceNumber());
    }
    return null;
  }

  private static RuntimeException conflictException(NewEntry entry) {
    return entry.sequenceNumber() == 0
        ? new AggregateStreamCreationException(
            "%s %s exists already".formatted(entry.aggregateType(), entry.aggregateId()))
        : new ConcurrencyException(
            "%s %s has no place for sequence number %d: it was changed meanwhile"
                .formatted(entry.aggregateType(), entry.aggregateId(), entry.sequenceNumber()));
  }

  private static String record(NewEntry entry, long tenantPosition) {
    return ChainLink.record(
        entry.aggregateId(),
        entry.aggregateType(),
        entry.eventId(),
        entry.type().name(),
        entry.type().version(),
        entry.metadata(),
        entry.occurredAt(),
        entry.payload(),
        entry.sequenceNumber(),
        entry.tenantId(),
        tenantPosition);
  }

  private static Map<String, Long> lastSequenceNumbers(Connection open, List<Unit> batch)
      throws SQLException {
    Map<String, Long> last = new HashMap<>();
    try (PreparedStatement statement = open.prepareStatement(LAST_SEQUENCE_NUMBERS)) {
      statement.setArray(1, distinct(open, batch, NewEntry::aggregateId));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Long sequenceNumber = row.getObject(2, Long.class);
          last.put(row.getString(1), sequenceNumber == null ? -1L : sequenceNumber);
        }
      }
    }
    return last;
  }

  private static Map<String, TenantHead> tenantHeads(Connection open, List<Unit> batch)
      throws SQLException {
    Map<String, TenantHead> heads = new HashMap<>();
    try (PreparedStatement statement = open.prepareStatement(TENANT_HEADS)) {
      statement.setArray(1, distinct(open, batch, NewEntry::tenantId));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          heads.put(row.getString(1), new TenantHead(row.getLong(2), Hash.of(row.getBytes(3))));
        }
      }
    }
    return heads;
  }

  private static java.sql.Array distinct(
      Connection open, List<Unit> batch, Function<NewEntry, String> value) throws SQLException {
    return open.createArrayOf(
        "text",
        batch.stream()
            .flatMap(unit -> unit.entries().stream())
            .map(value)
            .distinct()
            .toArray(String[]::new));
  }

  private static void insert(Connection open, List<Placed> placed, long lastPosition)
      throws SQLException {
    Map<String, Placed> tenantHeads = new LinkedHashMap<>();
    placed.forEach(entry -> tenantHeads.put(entry.entry().tenantId(), entry));
    List<Placed> heads = List.copyOf(tenantHeads.values());
    try (PreparedStatement statement = open.prepareStatement(INSERT)) {
      int i = 1;
      statement.setArray(i++, array(open, "bigint", placed, Placed::position));
      statement.setArray(i++, array(open, "text", placed, p -> p.entry().tenantId()));
      statement.setArray(i++, array(open, "bigint", placed, Placed::tenantPosition));
      statement.setArray(i++, array(open, "uuid", placed, p -> p.entry().eventId()));
      statement.setArray(i++, array(open, "text", placed, p -> p.entry().aggregateType()));
      statement.setArray(i++, array(open, "text", placed, p -> p.entry().aggregateId()));
      statement.setArray(i++, array(open, "bigint", placed, p -> p.entry().sequenceNumber()));
      statement.setArray(i++, array(open, "text", placed, p -> p.entry().type().name()));
      statement.setArray(i++, array(open, "integer", placed, p -> p.entry().type().version()));
      statement.setArray(
          i++, array(open, "text", placed, p -> ChainLink.timestamp(p.entry().occurredAt())));
      statement.setArray(i++, array(open, "text", placed, p -> p.entry().metadata()));
      statement.setArray(i++, array(open, "text", placed, p -> p.entry().payload()));
      statement.setArray(i++, hashes(open, placed, Placed::prevHash));
      statement.setArray(i++, hashes(open, placed, Placed::hash));
      statement.setLong(i++, lastPosition);
      statement.setArray(i++, array(open, "text", heads, p -> p.entry().tenantId()));
      statement.setArray(i++, array(open, "bigint", heads, Placed::tenantPosition));
      statement.setArray(i, hashes(open, heads, Placed::hash));
      statement.executeUpdate();
    }
  }

  private static java.sql.Array array(
      Connection open, String type, List<Placed> placed, Function<Placed, Object> value)
      throws SQLException {
    return open.createArrayOf(type, placed.stream().map(value).toArray());
  }

  private static java.sql.Array hashes(
      Connection open, List<Placed> placed, Function<Placed, Hash> hash) throws SQLException {
    return open.createArrayOf(
        "bytea", placed.stream().map(hash).map(Hash::bytes).toArray(byte[][]::new));
  }

  /**
   * The log's last position, once no transaction of ours can be under way any more: the lock on the
   * head is free only when a commit that broke off has come to its end.
   */
  long headPosition() throws SQLException {
    Connection open = connection();
    try {
      long position = lockHead(open);
      open.rollback();
      return position;
    } catch (SQLException e) {
      rollBack(open);
      throw e;
    }
  }

  /** Whether the unit's events are in the log. A unit is there whole or not at all. */
  boolean isAppended(Unit unit) throws SQLException {
    UUID first = unit.entries().getFirst().eventId();
    Connection open = connection();
    try (PreparedStatement statement =
        open.prepareStatement("select from log.events where event_id = ?")) {
      statement.setObject(1, first);
      boolean found;
      try (ResultSet row = statement.executeQuery()) {
        found = row.next();
      }
      open.rollback();
      return found;
    } catch (SQLException e) {
      rollBack(open);
      throw e;
    }
  }

  /** Whether the last failure took the connection with it. */
  boolean isConnectionLost() {
    return connection == null;
  }

  void close() {
    discard();
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = dataSource.getConnection();
      open.setAutoCommit(false);
      connection = open;
    }
    return open;
  }

  private void rollBack(Connection open) {
    try {
      open.rollback();
      if (!open.isValid(1)) {
        discard();
      }
    } catch (SQLException e) {
      discard();
    }
  }

  private void discard() {
    Connection lost = connection;
    connection = null;
    if (lost != null) {
      try {
        lost.close();
      } catch (SQLException e) {
        LOG.debug("the lost connection could not be closed", e);
      }
    }
  }
}

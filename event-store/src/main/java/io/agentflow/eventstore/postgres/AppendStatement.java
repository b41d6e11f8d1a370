package io.agentflow.eventstore.postgres;

import java.lang.reflect.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The one statement that appends: it moves the head, if it is still where its writer knows it, and
 * only then inserts the entries and moves the heads of their tenants. Many entries go as arrays, a
 * column each: one statement, one plan, however many they are. A lone entry goes as plain values,
 * which costs the server less than unfolding seventeen arrays.
 */
final class AppendStatement {

  private static final String SQL =
      """
      with moved as (
        update log.head set position = ?
        where position = ? and fence = ? and %s
        returning 1
      ), entries as (
        insert into log.events (
          position, tenant_id, tenant_position, event_id, aggregate_type, aggregate_id,
          sequence_number, event_type, event_version, occurred_at, metadata, payload,
          prev_hash, hash)
        select position, tenant_id, tenant_position, event_id, aggregate_type, aggregate_id,
               sequence_number, event_type, event_version,
               timestamptz 'epoch' + occurred_at_micros * interval '1 microsecond',
               metadata, payload, prev_hash, hash
        from %s where exists (select from moved)
      )%s
      insert into log.tenant_heads (tenant_id, tenant_position, hash)
      select tenant_id, tenant_position, hash
      from %s where exists (select from moved)
      on conflict (tenant_id)
        do update set tenant_position = excluded.tenant_position, hash = excluded.hash
      """;

  /**
   * A predecessor is the entry that the aggregate's first new entry follows; that no other entry
   * follows it yet is the unique key's business. The inner select stands alone so that it is looked
   * up by index, row by row, also while the table is too young to have statistics.
   */
  private static final String PREDECESSORS_ARE_THERE =
      """
      not exists (
          select from unnest(?::text[], ?::bigint[]) as predecessor(id, sequence_number)
          where (select 1 from log.events e
                 where e.aggregate_id = predecessor.id
                   and e.sequence_number = predecessor.sequence_number) is null)""";

  /** The same for the one entry; null where it needs none. */
  private static final String PREDECESSOR_IS_THERE =
      """
      (?::text is null or (select 1 from log.events e
                             where e.aggregate_id = ? and e.sequence_number = ?) is not null)""";

  private static final List<Column<PlacedEntry>> ENTRY =
      List.of(
          new Column<>("position", "bigint", Long.class, PlacedEntry::position),
          new Column<>("tenant_id", "text", String.class, p -> p.entry().tenantId()),
          new Column<>("tenant_position", "bigint", Long.class, PlacedEntry::tenantPosition),
          new Column<>("event_id", "uuid", String.class, p -> p.entry().eventId().toString()),
          new Column<>("aggregate_type", "text", String.class, p -> p.entry().aggregateType()),
          new Column<>("aggregate_id", "text", String.class, p -> p.entry().aggregateId()),
          new Column<>("sequence_number", "bigint", Long.class, p -> p.entry().sequenceNumber()),
          new Column<>("event_type", "text", String.class, p -> p.entry().type().name()),
          new Column<>("event_version", "integer", Integer.class, p -> p.entry().type().version()),
          new Column<>(
              "occurred_at_micros", "bigint", Long.class, AppendStatement::occurredAtMicros),
          new Column<>("metadata", "text", String.class, p -> p.entry().metadata()),
          new Column<>("payload", "text", String.class, p -> p.entry().payload()),
          new Column<>("prev_hash", "bytea", byte[].class, p -> p.prevHash().bytes()),
          new Column<>("hash", "bytea", byte[].class, p -> p.hash().bytes()));

  private static final List<Column<PlacedEntry>> TENANT_HEAD =
      ENTRY.stream()
          .filter(column -> List.of("tenant_id", "tenant_position", "hash").contains(column.name()))
          .toList();

  private static final List<Column<PlacedReceipt>> RECEIPT =
      List.of(
          new Column<>("tenant_id", "text", String.class, r -> r.receipt().key().tenantId()),
          new Column<>("principal", "text", String.class, r -> r.receipt().key().principal()),
          new Column<>("route", "text", String.class, r -> r.receipt().key().route()),
          new Column<>("key", "text", String.class, r -> r.receipt().key().key()),
          new Column<>(
              "payload_digest", "bytea", byte[].class, r -> r.receipt().payloadDigest().bytes()),
          new Column<>("status", "integer", Integer.class, r -> r.receipt().status()),
          new Column<>("aggregate_id", "text", String.class, r -> r.entry().aggregateId()),
          new Column<>("sequence_number", "bigint", Long.class, r -> r.entry().sequenceNumber()),
          new Column<>("position", "bigint", Long.class, r -> r.entry().position()),
          new Column<>("hash", "bytea", byte[].class, r -> r.entry().hash().bytes()),
          new Column<>(
              "expires_at_micros", "bigint", Long.class, r -> micros(r.receipt().expiresAt())));

  /**
   * A column of what is inserted.
   *
   * @param javaType what the driver can send as an array in binary form, unescaped
   */
  private record Column<T>(
      String name, String type, Class<?> javaType, Function<T, Object> value) {}

  private final Connection connection;
  private final PreparedStatement one;
  private final PreparedStatement many;
  private final PreparedStatement withReceipts;

  private AppendStatement(Connection open, String end) throws SQLException {
    this.connection = open;
    this.one =
        open.prepareStatement(
            SQL.formatted(PREDECESSOR_IS_THERE, values(ENTRY), "", values(TENANT_HEAD)) + end);
    this.many =
        open.prepareStatement(
            SQL.formatted(PREDECESSORS_ARE_THERE, arrays(ENTRY), "", arrays(TENANT_HEAD)) + end);
    this.withReceipts =
        open.prepareStatement(
            SQL.formatted(PREDECESSORS_ARE_THERE, arrays(ENTRY), receipts(), arrays(TENANT_HEAD))
                + end);
  }

  private static String receipts() {
    return """
        ,
        receipts as (
          insert into log.receipts (
            tenant_id, principal, route, key, payload_digest, status, aggregate_id,
            sequence_number, position, hash, expires_at)
          select tenant_id, principal, route, key, payload_digest, status, aggregate_id,
                 sequence_number, position, hash,
                 timestamptz 'epoch' + expires_at_micros * interval '1 microsecond'
          from %s where exists (select from moved)
        )"""
        .formatted(arrays(RECEIPT));
  }

  /** As a transaction of its own, in one round trip. */
  static AppendStatement alone(Connection open) throws SQLException {
    return new AppendStatement(open, "");
  }

  /** As the end of the transaction that is open, in one round trip. */
  static AppendStatement andCommit(Connection open) throws SQLException {
    return new AppendStatement(open, ";\ncommit");
  }

  private static String values(List<Column<PlacedEntry>> columns) {
    return columns.stream()
        .map(column -> "?::" + column.type() + " as " + column.name())
        .collect(Collectors.joining(", ", "(select ", ") as one"));
  }

  private static <T> String arrays(List<Column<T>> columns) {
    return columns.stream()
        .map(column -> "?::" + column.type() + "[]")
        .collect(
            Collectors.joining(
                ", ",
                "unnest(",
                columns.stream()
                    .map(Column::name)
                    .collect(Collectors.joining(", ", ") as many(", ")"))));
  }

  /**
   * Appends, if the head is still where it is known to be and each predecessor is there.
   *
   * @return whether anything was appended
   */
  boolean execute(Placement placement) throws SQLException {
    List<PlacedEntry> placed = placement.placed();
    List<PlacedReceipt> receipts = placement.receipts();
    boolean alone = placed.size() == 1 && receipts.isEmpty();
    PreparedStatement statement = alone ? one : receipts.isEmpty() ? many : withReceipts;
    statement.setLong(1, placement.headBehind().position());
    statement.setLong(2, placement.head().position());
    statement.setLong(3, placement.head().fence());
    if (alone) {
      int at = bindPredecessor(placement.predecessors());
      at = bindValues(at, ENTRY, placed.getFirst());
      bindValues(at, TENANT_HEAD, placed.getFirst());
    } else {
      int at = bindPredecessors(statement, placement.predecessors());
      at = bindArrays(statement, at, ENTRY, placed);
      if (!receipts.isEmpty()) {
        at = bindArrays(statement, at, RECEIPT, receipts);
      }
      bindArrays(statement, at, TENANT_HEAD, lastOfEachTenant(placed));
    }
    statement.execute();
    return statement.getUpdateCount() > 0;
  }

  private int bindPredecessor(Map<String, Long> predecessors) throws SQLException {
    String aggregateId = predecessors.isEmpty() ? null : predecessors.keySet().iterator().next();
    one.setString(4, aggregateId);
    one.setString(5, aggregateId);
    one.setLong(6, aggregateId == null ? 0 : predecessors.getOrDefault(aggregateId, 0L));
    return 7;
  }

  private int bindPredecessors(PreparedStatement statement, Map<String, Long> predecessors)
      throws SQLException {
    statement.setArray(
        4, connection.createArrayOf("text", predecessors.keySet().toArray(String[]::new)));
    statement.setArray(
        5, connection.createArrayOf("bigint", predecessors.values().toArray(Long[]::new)));
    return 6;
  }

  private int bindValues(int first, List<Column<PlacedEntry>> columns, PlacedEntry entry)
      throws SQLException {
    int at = first;
    for (Column<PlacedEntry> column : columns) {
      one.setObject(at++, column.value().apply(entry));
    }
    return at;
  }

  private <T> int bindArrays(
      PreparedStatement statement, int first, List<Column<T>> columns, List<T> placed)
      throws SQLException {
    int at = first;
    for (Column<T> column : columns) {
      Object[] values = (Object[]) Array.newInstance(column.javaType(), placed.size());
      for (int i = 0; i < values.length; i++) {
        values[i] = column.value().apply(placed.get(i));
      }
      statement.setArray(at++, connection.createArrayOf(column.type(), values));
    }
    return at;
  }

  private static List<PlacedEntry> lastOfEachTenant(List<PlacedEntry> placed) {
    Map<String, PlacedEntry> last = new LinkedHashMap<>();
    placed.forEach(entry -> last.put(entry.entry().tenantId(), entry));
    return List.copyOf(last.values());
  }

  private static Object occurredAtMicros(PlacedEntry placed) {
    return micros(placed.entry().occurredAt());
  }

  private static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
  }
}

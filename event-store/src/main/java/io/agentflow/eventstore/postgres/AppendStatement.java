package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Hash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The one statement that appends: it moves the head, if it is still where its writer knows it, and
 * only then inserts the entries and moves the heads of their tenants. Entries go as arrays, a
 * column each: one statement, one plan, however many they are.
 */
final class AppendStatement {

  /**
   * A predecessor is the entry that the aggregate's first new entry follows; that no other entry
   * follows it yet is the unique key's business. The inner select stands alone so that it is looked
   * up by index, row by row, also while the table is too young to have statistics.
   */
  private static final String SQL =
      """
      with moved as (
        update log.head set position = ?
        where position = ? and fence = ? and not exists (
          select from unnest(?::text[], ?::bigint[]) as predecessor(id, sequence_number)
          where (select 1 from log.events e
                 where e.aggregate_id = predecessor.id
                   and e.sequence_number = predecessor.sequence_number) is null)
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
        from unnest(
          ?::bigint[], ?::text[], ?::bigint[], ?::uuid[], ?::text[], ?::text[], ?::bigint[],
          ?::text[], ?::integer[], ?::bigint[], ?::text[], ?::text[], ?::bytea[], ?::bytea[])
          as entry(
            position, tenant_id, tenant_position, event_id, aggregate_type, aggregate_id,
            sequence_number, event_type, event_version, occurred_at_micros, metadata, payload,
            prev_hash, hash)
        where exists (select from moved)
      )
      insert into log.tenant_heads (tenant_id, tenant_position, hash)
      select * from unnest(?::text[], ?::bigint[], ?::bytea[])
      where exists (select from moved)
      on conflict (tenant_id)
        do update set tenant_position = excluded.tenant_position, hash = excluded.hash
      """;

  private final PreparedStatement statement;
  private final Connection arrays;

  private AppendStatement(Connection open, String sql) throws SQLException {
    this.statement = open.prepareStatement(sql);
    this.arrays = open;
  }

  /** As a transaction of its own, in one round trip. */
  static AppendStatement alone(Connection open) throws SQLException {
    return new AppendStatement(open, SQL);
  }

  /** As the end of the transaction that is open, in one round trip. */
  static AppendStatement andCommit(Connection open) throws SQLException {
    return new AppendStatement(open, SQL + ";\ncommit");
  }

  /**
   * Appends, if the head is still where it is known to be and each predecessor is there.
   *
   * @return whether anything was appended
   */
  boolean execute(Placement placement) throws SQLException {
    List<PlacedEntry> placed = placement.placed();
    Map<String, PlacedEntry> lastOfTenant = LinkedHashMap.newLinkedHashMap(4);
    placed.forEach(entry -> lastOfTenant.put(entry.entry().tenantId(), entry));
    List<PlacedEntry> tenantHeads = List.copyOf(lastOfTenant.values());
    List<Map.Entry<String, Long>> after = List.copyOf(placement.predecessors().entrySet());

    int i = 1;
    statement.setLong(i++, placement.headBehind().position());
    statement.setLong(i++, placement.head().position());
    statement.setLong(i++, placement.head().fence());
    statement.setArray(i++, texts("text", after, Map.Entry::getKey));
    statement.setArray(i++, longs(after, Map.Entry::getValue));

    statement.setArray(i++, longs(placed, PlacedEntry::position));
    statement.setArray(i++, texts("text", placed, p -> p.entry().tenantId()));
    statement.setArray(i++, longs(placed, PlacedEntry::tenantPosition));
    statement.setArray(i++, texts("uuid", placed, p -> p.entry().eventId().toString()));
    statement.setArray(i++, texts("text", placed, p -> p.entry().aggregateType()));
    statement.setArray(i++, texts("text", placed, p -> p.entry().aggregateId()));
    statement.setArray(i++, longs(placed, p -> p.entry().sequenceNumber()));
    statement.setArray(i++, texts("text", placed, p -> p.entry().type().name()));
    statement.setArray(i++, ints(placed));
    statement.setArray(i++, longs(placed, p -> microsSinceEpoch(p.entry().occurredAt())));
    statement.setArray(i++, texts("text", placed, p -> p.entry().metadata()));
    statement.setArray(i++, texts("text", placed, p -> p.entry().payload()));
    statement.setArray(i++, hashes(placed, PlacedEntry::prevHash));
    statement.setArray(i++, hashes(placed, PlacedEntry::hash));

    statement.setArray(i++, texts("text", tenantHeads, p -> p.entry().tenantId()));
    statement.setArray(i++, longs(tenantHeads, PlacedEntry::tenantPosition));
    statement.setArray(i, hashes(tenantHeads, PlacedEntry::hash));
    statement.execute();
    return statement.getUpdateCount() > 0;
  }

  private static long microsSinceEpoch(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
  }

  // Arrays of these very types go to the server in binary form, unescaped.

  private <T> java.sql.Array longs(List<T> rows, Function<T, Long> value) throws SQLException {
    return arrays.createArrayOf("int8", rows.stream().map(value).toArray(Long[]::new));
  }

  private java.sql.Array ints(List<PlacedEntry> rows) throws SQLException {
    return arrays.createArrayOf(
        "int4", rows.stream().map(row -> row.entry().type().version()).toArray(Integer[]::new));
  }

  private <T> java.sql.Array texts(String type, List<T> rows, Function<T, String> value)
      throws SQLException {
    return arrays.createArrayOf(type, rows.stream().map(value).toArray(String[]::new));
  }

  private java.sql.Array hashes(List<PlacedEntry> rows, Function<PlacedEntry, Hash> hash)
      throws SQLException {
    return arrays.createArrayOf(
        "bytea", rows.stream().map(hash).map(Hash::bytes).toArray(byte[][]::new));
  }
}

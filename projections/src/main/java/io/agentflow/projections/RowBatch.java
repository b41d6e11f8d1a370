package io.agentflow.projections;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a batch of events does to a table: the rows that they are about are read once, changed in
 * memory event by event, and written once, by one statement each, in the transaction that moves the
 * token. A thousand events about ten rows cost ten rows.
 *
 * <p>What was written last is kept, and not read again: nobody else writes while this node has the
 * processor's token. Rows are taken out while they are changed and come back when that is
 * committed, so whatever fails leaves none that the table does not have.
 *
 * <p>The table has a column {@code version}; an event that a row has seen changes nothing. Every
 * row carries {@code tenant_id}, {@code position}, {@code created_position}, {@code created_at} and
 * {@code updated_at}.
 */
public final class RowBatch {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, @Nullable Object>> COLUMNS =
      new TypeReference<>() {};

  /** So many rows are kept of each table. */
  private static final int ROWS_KEPT = 10_000;

  private final JdbcClient db;
  private final String table;
  private final List<String> keyColumns;
  private final Cache<String, Map<List<String>, Row>> kept =
      Caffeine.newBuilder()
          .maximumWeight(ROWS_KEPT)
          .weigher((String first, Map<List<String>, Row> rows) -> rows.size())
          .executor(Runnable::run)
          .build();
  private @Nullable String store;

  /**
   * A batch for each unit of work in which events come.
   *
   * @param table with its schema
   * @param keyColumns its primary key
   */
  public RowBatch(JdbcClient db, String table, String... keyColumns) {
    this.db = db;
    this.table = table;
    this.keyColumns = List.of(keyColumns);
  }

  private record Change(Recorded recorded, @Nullable Row added, Consumer<Row> change) {}

  /** Adds a row; one that is there is changed instead. */
  public void add(Recorded recorded, Consumer<Row> fill, String... key) {
    Row row = new Row(Map.of());
    row.set("tenant_id", recorded.tenantId())
        .set("created_position", recorded.position())
        .set("created_at", recorded.at().toInstant());
    changes(key).add(new Change(recorded, row, fill));
  }

  /** Changes a row, if it is there and has not seen the event. */
  public void change(Recorded recorded, Consumer<Row> change, String... key) {
    changes(key).add(new Change(recorded, null, change));
  }

  /**
   * What one unit of work knows of the table.
   *
   * @param pending changes that are not written yet
   * @param rows as the table will have them once the unit is committed
   */
  private record Unit(Map<List<String>, List<Change>> pending, Map<List<String>, Row> rows) {}

  private List<Change> changes(String... key) {
    return unit().pending().computeIfAbsent(List.of(key), none -> new ArrayList<>());
  }

  private Unit unit() {
    UnitOfWork<?> current = CurrentUnitOfWork.get();
    return current.getOrComputeResource(
        "rows of " + table,
        name -> {
          Unit unit = new Unit(new LinkedHashMap<>(), new HashMap<>());
          current.onPrepareCommit(preparing -> write());
          current.afterCommit(committed -> keep(unit.rows()));
          return unit;
        });
  }

  private void keep(Map<List<String>, Row> rows) {
    Map<String, Map<List<String>, Row>> together = new HashMap<>();
    rows.forEach(
        (key, row) ->
            together.computeIfAbsent(key.getFirst(), none -> new HashMap<>()).put(key, row));
    kept.putAll(together);
  }

  /** The keys that begin like this, also of rows that are not written yet. */
  public List<List<String>> keys(String firstOfKey) {
    write();
    return db.sql(
            "select %s from %s where %s = :first"
                .formatted(String.join(", ", keyColumns), table, keyColumns.getFirst()))
        .param("first", firstOfKey)
        .query((row, number) -> key(row))
        .list();
  }

  private List<String> key(ResultSet row) throws SQLException {
    List<String> key = new ArrayList<>();
    for (String column : keyColumns) {
      key.add(row.getString(column));
    }
    return List.copyOf(key);
  }

  /** Nothing is kept any more: another node may have written since. */
  public void forget() {
    kept.invalidateAll();
  }

  private void write() {
    Unit unit = unit();
    if (!unit.pending().isEmpty()) {
      know(unit.pending().keySet(), unit.rows());
      unit.pending().forEach((key, changes) -> apply(key, changes, unit.rows()));
      store(
          unit.pending().keySet().stream()
              .map(unit.rows()::get)
              .filter(Objects::nonNull)
              .map(Row::columns)
              .toList());
      unit.pending().clear();
    }
  }

  /** Has these rows known, as far as the table has them. */
  private void know(Set<List<String>> keys, Map<List<String>, Row> rows) {
    for (List<String> key : keys) {
      Map<List<String>, Row> before = kept.asMap().remove(key.getFirst());
      if (before != null) {
        rows.putAll(before);
      }
    }
    List<List<String>> unknown = keys.stream().filter(key -> !rows.containsKey(key)).toList();
    if (!unknown.isEmpty()) {
      read(unknown, rows);
    }
  }

  private void apply(List<String> key, List<Change> changes, Map<List<String>, Row> rows) {
    for (Change change : changes) {
      Row row = rows.get(key);
      if (row == null && change.added() != null) {
        row = change.added();
        for (int i = 0; i < key.size(); i++) {
          row.set(keyColumns.get(i), key.get(i));
        }
        row.set("version", -1);
        rows.put(key, row);
      }
      if (row != null && row.number("version") < change.recorded().version()) {
        change.change().accept(row);
        row.set("version", change.recorded().version())
            .set("position", change.recorded().position())
            .set("updated_at", change.recorded().at().toInstant());
      }
    }
  }

  /**
   * Row by row by the key's index, whatever PostgreSQL thinks of the table's size: it plans when
   * the table is new and keeps the plan while it grows.
   */
  private void read(List<List<String>> keys, Map<List<String>, Row> rows) {
    db.sql(
            """
            select found.row from %2$s k
            cross join lateral (
              select to_jsonb(t) as row from %1$s t where (%3$s) = (%4$s) limit 1) found
            """
                .formatted(table, recordsOf(":keys"), columns("t."), columns("k.")))
        .param("keys", JSON.writeValueAsString(keys.stream().map(this::keyAsRow).toList()))
        .query(String.class)
        .list()
        .forEach(
            json -> {
              Map<String, @Nullable Object> columns = JSON.readValue(json, COLUMNS);
              rows.put(
                  keyColumns.stream().<String>map(column -> text(columns.get(column))).toList(),
                  new Row(columns));
            });
  }

  private String columns(String of) {
    return keyColumns.stream().map(column -> of + column).collect(Collectors.joining(", "));
  }

  private static String text(@Nullable Object value) {
    return String.valueOf(value);
  }

  private Map<String, String> keyAsRow(List<String> key) {
    Map<String, String> columns = new HashMap<>();
    for (int i = 0; i < key.size(); i++) {
      columns.put(keyColumns.get(i), key.get(i));
    }
    return columns;
  }

  private String recordsOf(String parameter) {
    return "jsonb_populate_recordset(null::%s, cast(%s as jsonb))".formatted(table, parameter);
  }

  private void store(List<Map<String, @Nullable Object>> rows) {
    if (store == null) {
      store = storeStatement();
    }
    if (!rows.isEmpty()) {
      db.sql(store).param("rows", JSON.writeValueAsString(rows)).update();
    }
  }

  /** All columns, whatever they are: a row is written whole. */
  private String storeStatement() {
    String assignments =
        db.sql(
                """
                select string_agg(format('%1$I = excluded.%1$I', attname), ', ' order by attnum)
                from pg_attribute
                where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped
                """)
            .param("table", table)
            .query(String.class)
            .single();
    return """
        insert into %s as t select * from %s
        on conflict (%s) do update set %s where t.version < excluded.version
        """
        .formatted(table, recordsOf(":rows"), String.join(", ", keyColumns), assignments);
  }
}

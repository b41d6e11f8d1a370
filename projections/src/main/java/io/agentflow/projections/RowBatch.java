package io.agentflow.projections;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 */
final class RowBatch implements Rows {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, @Nullable Object>> COLUMNS =
      new TypeReference<>() {};

  /** So many rows are kept of each table. */
  private static final int ROWS_KEPT = 10_000;

  private final JdbcClient db;
  private final String schema;
  private final TableKey table;
  private final Cache<List<String>, Row> kept =
      Caffeine.newBuilder().maximumSize(ROWS_KEPT).executor(Runnable::run).build();
  private @Nullable String store;

  /** A batch for each unit of work in which events come. */
  RowBatch(JdbcClient db, String schema, TableKey table) {
    this.db = db;
    this.schema = schema;
    this.table = table;
  }

  @Override
  public void add(Recorded recorded, Consumer<Row> fill, String... key) {
    pending(key).add(new Change(recorded, true, fill));
  }

  @Override
  public void change(Recorded recorded, Consumer<Row> change, String... key) {
    pending(key).add(new Change(recorded, false, change));
  }

  /**
   * What one unit of work knows of the table.
   *
   * @param pending changes that are not made yet
   * @param rows as the table will have them once the unit is committed
   * @param changed the keys of those rows that are to be written
   */
  private record Unit(
      Map<List<String>, List<Change>> pending,
      Map<List<String>, Row> rows,
      Set<List<String>> changed) {}

  private List<Change> pending(String... key) {
    return unit().pending().computeIfAbsent(List.of(key), none -> new ArrayList<>());
  }

  private Unit unit() {
    UnitOfWork<?> current = CurrentUnitOfWork.get();
    return current.getOrComputeResource(
        "rows of " + name(),
        name -> {
          Unit unit = new Unit(new LinkedHashMap<>(), new HashMap<>(), new LinkedHashSet<>());
          current.onPrepareCommit(preparing -> write(unit));
          current.afterCommit(committed -> kept.putAll(unit.rows()));
          return unit;
        });
  }

  private String name() {
    return schema + "." + table.table();
  }

  @Override
  public Optional<Row> find(String... key) {
    Unit unit = unit();
    List<String> wanted = List.of(key);
    know(List.of(wanted), unit.rows());
    apply(unit, wanted, unit.pending().remove(wanted));
    return Optional.ofNullable(unit.rows().get(wanted));
  }

  @Override
  public List<List<String>> keys(String firstOfKey) {
    Unit unit = unit();
    write(unit);
    return db.sql(
            "select %s from %s where %s = :first"
                .formatted(String.join(", ", table.columns()), name(), table.columns().getFirst()))
        .param("first", firstOfKey)
        .query((row, number) -> key(row))
        .list();
  }

  private List<String> key(ResultSet row) throws SQLException {
    List<String> key = new ArrayList<>();
    for (String column : table.columns()) {
      key.add(row.getString(column));
    }
    return List.copyOf(key);
  }

  /** Nothing is kept any more: another node may have written since. */
  void forget() {
    kept.invalidateAll();
  }

  private void write(Unit unit) {
    know(unit.pending().keySet(), unit.rows());
    unit.pending().forEach((key, changes) -> apply(unit, key, changes));
    unit.pending().clear();
    store(unit.changed().stream().map(unit.rows()::get).map(Row::columns).toList());
    unit.changed().clear();
  }

  /** Has these rows known, as far as the table has them. */
  private void know(Collection<List<String>> keys, Map<List<String>, Row> rows) {
    List<List<String>> unknown = new ArrayList<>();
    for (List<String> key : keys) {
      if (rows.containsKey(key)) {
        continue;
      }
      Row before = kept.asMap().remove(key);
      if (before != null) {
        rows.put(key, before);
      } else {
        unknown.add(key);
      }
    }
    if (!unknown.isEmpty()) {
      read(unknown, rows);
    }
  }

  private void apply(Unit unit, List<String> key, @Nullable List<Change> changes) {
    if (changes == null) {
      return;
    }
    Row row = unit.rows().get(key);
    for (Change change : changes) {
      row = change.applyTo(row, table, key);
    }
    if (row != null) {
      unit.rows().put(key, row);
      unit.changed().add(key);
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
                .formatted(name(), recordsOf(":keys"), columns("t."), columns("k.")))
        .param("keys", JSON.writeValueAsString(keys.stream().map(this::keyAsRow).toList()))
        .query(String.class)
        .list()
        .forEach(
            json -> {
              Map<String, @Nullable Object> columns = JSON.readValue(json, COLUMNS);
              rows.put(
                  table.columns().stream()
                      .<String>map(column -> text(columns.get(column)))
                      .toList(),
                  new Row(columns));
            });
  }

  private String columns(String of) {
    return table.columns().stream().map(column -> of + column).collect(Collectors.joining(", "));
  }

  private static String text(@Nullable Object value) {
    return String.valueOf(value);
  }

  private Map<String, String> keyAsRow(List<String> key) {
    Map<String, String> columns = new HashMap<>();
    for (int i = 0; i < key.size(); i++) {
      columns.put(table.columns().get(i), key.get(i));
    }
    return columns;
  }

  private String recordsOf(String parameter) {
    return "jsonb_populate_recordset(null::%s, cast(%s as jsonb))".formatted(name(), parameter);
  }

  private void store(List<Map<String, @Nullable Object>> rows) {
    if (rows.isEmpty()) {
      return;
    }
    if (store == null) {
      store = storeStatement();
    }
    db.sql(store).param("rows", JSON.writeValueAsString(rows)).update();
  }

  /**
   * All columns, whatever they are, but those that the database computes: a row is written whole.
   */
  private String storeStatement() {
    List<String> written =
        db.sql(
                """
                select quote_ident(attname) from pg_attribute
                where attrelid = cast(:table as regclass)
                  and attnum > 0 and not attisdropped and attgenerated = ''
                order by attnum
                """)
            .param("table", name())
            .query((row, number) -> row.getString(1))
            .list();
    return """
        insert into %1$s as t (%3$s) select %3$s from %2$s
        on conflict (%4$s) do update set %5$s where t.version < excluded.version
        """
        .formatted(
            name(),
            recordsOf(":rows"),
            String.join(", ", written),
            String.join(", ", table.columns()),
            written.stream()
                .map(column -> column + " = excluded." + column)
                .collect(Collectors.joining(", ")));
  }
}

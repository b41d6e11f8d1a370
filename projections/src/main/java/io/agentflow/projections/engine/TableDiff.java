package io.agentflow.projections.engine;

import io.agentflow.projections.Projection;
import io.agentflow.projections.TableKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Compares the tables that are asked with their copy, row by row, at one point of the log. */
final class TableDiff {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, @Nullable Object>> COLUMNS =
      new TypeReference<>() {};

  private final JdbcClient db;
  private final TransactionTemplate snapshot;

  TableDiff(JdbcClient db, PlatformTransactionManager transactions) {
    this.db = db;
    this.snapshot = new TransactionTemplate(transactions);
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    snapshot.setReadOnly(true);
  }

  /**
   * How the copy differs.
   *
   * @param position up to which both are: rows that events behind it have changed are passed over
   * @param rows that were compared
   * @param different how many of them differ
   * @param examples some of those
   */
  record Diff(
      String projection,
      String copy,
      long position,
      long rows,
      long different,
      List<Difference> examples) {}

  /**
   * A row that differs.
   *
   * @param columns what differs, by its column: as it is asked, and as the copy has it; a row that
   *     one of them lacks differs in all
   */
  record Difference(String table, Map<String, Object> key, Map<String, Values> columns) {}

  record Values(@Nullable Object live, @Nullable Object copy) {}

  private record Counted(long rows, long different) {}

  Diff of(Projection<?> projection, Copy copy, long livePosition, long copyPosition, int most) {
    long position = Math.min(livePosition, copyPosition);
    List<Difference> examples = new ArrayList<>();
    long rows = 0;
    long different = 0;
    for (TableKey table : projection.tables()) {
      Counted counted = count(table, copy, position);
      rows += counted.rows();
      different += counted.different();
      if (counted.different() > 0 && examples.size() < most) {
        examples.addAll(examples(table, copy, position, most - examples.size()));
      }
    }
    return new Diff(
        projection.name(),
        copy == Copy.NEXT ? "next" : "previous",
        position,
        rows,
        different,
        examples);
  }

  /** Runs it in one snapshot, in which rows and tokens belong together. */
  <T> T inSnapshot(Supplier<T> compared) {
    T result = snapshot.execute(status -> compared.get());
    return Objects.requireNonNull(result);
  }

  private static String compared(TableKey table, Copy copy) {
    return """
        from views.%1$s l full join %2$s.%1$s c on %3$s
        where coalesce(l.position, 0) <= :position and coalesce(c.position, 0) <= :position
        """
        .formatted(
            table.table(),
            copy.schema(),
            table.columns().stream()
                .map(column -> "l.%1$s = c.%1$s".formatted(column))
                .collect(Collectors.joining(" and ")));
  }

  private Counted count(TableKey table, Copy copy, long position) {
    return db.sql(
            "select count(*) as rows, count(*) filter (where l is distinct from c) as different "
                + compared(table, copy))
        .param("position", position)
        .query((row, number) -> new Counted(row.getLong("rows"), row.getLong("different")))
        .single();
  }

  private List<Difference> examples(TableKey table, Copy copy, long position, int most) {
    return db.sql(
            "select to_jsonb(l)::text as live, to_jsonb(c)::text as copy "
                + compared(table, copy)
                + "and l is distinct from c order by coalesce(l.position, c.position) limit :most")
        .param("position", position)
        .param("most", most)
        .query(
            (row, number) ->
                difference(table, columns(row.getString("live")), columns(row.getString("copy"))))
        .list();
  }

  private static Map<String, @Nullable Object> columns(@Nullable String row) {
    return row == null ? Map.of() : JSON.readValue(row, COLUMNS);
  }

  private static Difference difference(
      TableKey table, Map<String, @Nullable Object> live, Map<String, @Nullable Object> copy) {
    Map<String, Object> key = new LinkedHashMap<>();
    for (String column : table.columns()) {
      key.put(column, String.valueOf(live.isEmpty() ? copy.get(column) : live.get(column)));
    }
    Map<String, Values> different = new LinkedHashMap<>();
    TreeSet<String> names = new TreeSet<>(live.keySet());
    names.addAll(copy.keySet());
    for (String name : names) {
      Values values = new Values(live.get(name), copy.get(name));
      if (!Objects.equals(values.live(), values.copy())) {
        different.put(name, values);
      }
    }
    return new Difference(table.table(), key, different);
  }
}

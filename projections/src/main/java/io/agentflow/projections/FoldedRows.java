package io.agentflow.projections;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The rows of a projection in memory, folded from nothing: what a table said at some point. */
public final class FoldedRows implements Tables {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Map<String, OfTable> tables = new LinkedHashMap<>();

  public FoldedRows(Projection<?> projection) {
    projection.tables().forEach(table -> tables.put(table.table(), new OfTable(table)));
  }

  @Override
  public Rows rows(String table) {
    return ofTable(table);
  }

  private OfTable ofTable(String table) {
    OfTable rows = tables.get(table);
    if (rows == null) {
      throw new IllegalArgumentException("no table " + table + " among " + tables.keySet());
    }
    return rows;
  }

  /** The rows of a table as a JSON array of objects, by the columns' names. */
  public String json(String table) {
    return JSON.writeValueAsString(
        ofTable(table).rows.values().stream().map(Row::columns).toList());
  }

  private record OfTable(TableKey table, Map<List<String>, Row> rows) implements Rows {

    OfTable(TableKey table) {
      this(table, new LinkedHashMap<>());
    }

    @Override
    public void add(Recorded recorded, Consumer<Row> fill, String... key) {
      apply(new Change(recorded, true, fill), List.of(key));
    }

    @Override
    public void change(Recorded recorded, Consumer<Row> change, String... key) {
      apply(new Change(recorded, false, change), List.of(key));
    }

    private void apply(Change change, List<String> key) {
      @Nullable Row row = change.applyTo(rows.get(key), table, key);
      if (row != null) {
        rows.put(key, row);
      }
    }

    @Override
    public Optional<Row> find(String... key) {
      return Optional.ofNullable(rows.get(List.of(key)));
    }

    @Override
    public List<List<String>> keys(String firstOfKey) {
      return rows.keySet().stream().filter(key -> key.getFirst().equals(firstOfKey)).toList();
    }
  }
}

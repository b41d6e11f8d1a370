package io.agentflow.projections;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The tables of a projection in the database, each written by the batch. */
public final class TableBatches implements Tables {

  private final Map<String, RowBatch> batches = new LinkedHashMap<>();

  /**
   * Batches of the projection's tables.
   *
   * @param schema in which they are: that of the tables that are asked, or one beside it
   */
  public TableBatches(Projection<?> projection, JdbcClient db, String schema) {
    projection
        .tables()
        .forEach(table -> batches.put(table.table(), new RowBatch(db, schema, table)));
  }

  @Override
  public Rows rows(String table) {
    RowBatch batch = batches.get(table);
    if (batch == null) {
      throw new IllegalArgumentException("no table " + table + " among " + batches.keySet());
    }
    return batch;
  }

  /** Rows are kept in memory by whoever wrote them last: another node may have written since. */
  public void forget() {
    batches.values().forEach(RowBatch::forget);
  }
}

package io.agentflow.projections;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A row as its columns' values, while events change it. */
public final class Row {

  private final Map<String, @Nullable Object> columns;

  Row(Map<String, @Nullable Object> columns) {
    this.columns = new LinkedHashMap<>(columns);
  }

  /**
   * Sets a column.
   *
   * @param value text, a number, a boolean, a time, or what becomes {@code jsonb}
   */
  public Row set(String column, @Nullable Object value) {
    columns.put(column, value instanceof Instant time ? time.toString() : value);
    return this;
  }

  /** Sets a column of a row that is new. */
  public Row initially(String column, Object value) {
    columns.putIfAbsent(column, value);
    return this;
  }

  /** Adds to a number; one that was not there counts as 0. */
  public Row add(String column, long more) {
    return set(column, number(column) + more);
  }

  /** Sets a column to what another one holds. */
  public Row copy(String column, String from) {
    return set(column, columns.get(from));
  }

  long number(String column) {
    return columns.get(column) instanceof Number number ? number.longValue() : 0;
  }

  Map<String, @Nullable Object> columns() {
    return columns;
  }
}

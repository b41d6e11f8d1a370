package io.agentflow.projections;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** Adds a value to the end of a list. */
  public Row append(String column, Object value) {
    List<Object> list = new ArrayList<>(list(column));
    list.add(value);
    return set(column, list);
  }

  /** Takes a value out of a list, wherever it is there. */
  public Row remove(String column, Object value) {
    List<Object> list = new ArrayList<>(list(column));
    list.removeIf(value::equals);
    return set(column, list);
  }

  /** Sets what a key leads to in a column of names and values. */
  public Row put(String column, String key, Object value) {
    Map<Object, @Nullable Object> map = map(column);
    map.put(key, value);
    return set(column, map);
  }

  /** Takes a key out of a column of names and values, if it is there. */
  public Row drop(String column, String key) {
    Map<Object, @Nullable Object> map = map(column);
    map.remove(key);
    return set(column, map);
  }

  private Map<Object, @Nullable Object> map(String column) {
    return new LinkedHashMap<>(columns.get(column) instanceof Map<?, ?> map ? map : Map.of());
  }

  /** A number; 0 where there is none. */
  public long number(String column) {
    return columns.get(column) instanceof Number number ? number.longValue() : 0;
  }

  /** What a column holds, as it was set or as JSON has it; empty for null. */
  public Optional<Object> value(String column) {
    return Optional.ofNullable(columns.get(column));
  }

  /** A list, of a column that holds one; empty for null. */
  public List<?> list(String column) {
    return columns.get(column) instanceof List<?> list ? list : List.of();
  }

  Map<String, @Nullable Object> columns() {
    return columns;
  }
}

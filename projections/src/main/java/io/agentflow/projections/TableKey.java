package io.agentflow.projections;

import java.util.List;

/**
 * A table of a projection.
 *
 * @param table its name, without the schema
 * @param columns its primary key, in order; all of text
 */
public record TableKey(String table, List<String> columns) {

  public TableKey(String table, String... columns) {
    this(table, List.of(columns));
  }
}

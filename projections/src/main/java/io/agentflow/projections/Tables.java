package io.agentflow.projections;

/** The rows that a fold changes, table by table. */
@FunctionalInterface
public interface Tables {

  /**
   * The rows of one table.
   *
   * @param table without its schema
   * @throws IllegalArgumentException when the projection has no such table
   */
  Rows rows(String table);
}

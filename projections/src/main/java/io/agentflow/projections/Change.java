package io.agentflow.projections;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an event does to one row.
 *
 * @param adds whether the row comes to be by it where it is not there
 */
record Change(Recorded recorded, boolean adds, Consumer<Row> change) {

  private static final long NO_EVENT_YET = -1;

  /**
   * Changes the row.
   *
   * @param before null where there is none
   * @return the row; null where there is still none
   */
  @Nullable Row applyTo(@Nullable Row before, TableKey table, List<String> key) {
    Row row = before == null && adds ? added(table, key) : before;
    if (row != null && row.number("version") < recorded.version()) {
      change.accept(row);
      row.set("version", recorded.version())
          .set("position", recorded.position())
          .set("updated_at", recorded.at().toInstant());
    }
    return row;
  }

  private Row added(TableKey table, List<String> key) {
    Row row = new Row(Map.of());
    row.set("tenant_id", recorded.tenantId())
        .set("created_position", recorded.position())
        .set("created_at", recorded.at().toInstant())
        .set("version", NO_EVENT_YET);
    for (int i = 0; i < key.size(); i++) {
      row.set(table.columns().get(i), key.get(i));
    }
    return row;
  }
}

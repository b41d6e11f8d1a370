package io.agentflow.projections;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Rows of one table, by their keys. Each carries {@code tenant_id}, {@code version} (the sequence
 * number of the last event that it has seen; one that it has seen changes nothing), {@code
 * position}, {@code created_position}, {@code created_at} and {@code updated_at}.
 */
public interface Rows {

  /** Adds a row; one that is there is changed instead. */
  void add(Recorded recorded, Consumer<Row> fill, String... key);

  /** Changes a row, if it is there and has not seen the event. */
  void change(Recorded recorded, Consumer<Row> change, String... key);

  /** The row as all changes so far have made it; not to be changed. */
  Optional<Row> find(String... key);

  /** The keys of all rows whose key begins with this. */
  List<List<String>> keys(String firstOfKey);
}

package io.agentflow.projections;

import java.util.List;

/**
 * What is derived from the log and kept in tables: which events it hears of, and what each does to
 * rows.
 *
 * @param name in one word; also that of its event processor
 * @param events of a common type
 * @param heard the events that matter to it: of all others it is not even told
 * @param tables that it fills, all of its own
 */
public record Projection<E>(
    String name,
    Class<E> events,
    List<Class<? extends E>> heard,
    Fold<E> fold,
    List<TableKey> tables) {

  /** A projection that hears of all events of its type and fills one table. */
  public Projection(String name, Class<E> events, Fold<E> fold, TableKey table) {
    this(name, events, List.of(events), fold, List.of(table));
  }

  /** Whether events of this class matter to it. */
  public boolean hears(Class<?> event) {
    return heard.stream().anyMatch(type -> type.isAssignableFrom(event));
  }

  /**
   * Has an event change rows.
   *
   * @throws ClassCastException when it is none that {@link #hears} says it hears
   */
  public void apply(Object event, Recorded recorded, Tables rows) {
    fold.apply(events.cast(event), recorded, rows);
  }
}

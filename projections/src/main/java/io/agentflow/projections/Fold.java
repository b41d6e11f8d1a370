package io.agentflow.projections;

/**
 * What an event does to rows: a function of the event and of the rows that it is about, and of
 * nothing else. So the same events give the same rows wherever they are folded: in a table that is
 * asked, in one that is built beside it, or in memory for a point of the past.
 */
@FunctionalInterface
public interface Fold<E> {

  void apply(E event, Recorded recorded, Tables tables);
}

package io.agentflow.eventstore;

import java.util.Set;

/**
 * Which entries somebody wants, in terms that the database can tell without handing them over. An
 * empty set of wanted names wants all.
 *
 * @param aggregateTypes these kinds of aggregates
 * @param exceptAggregateTypes none of these
 * @param eventTypes these events
 * @param exceptEventTypes none of these
 */
public record EntrySelection(
    Set<String> aggregateTypes,
    Set<String> exceptAggregateTypes,
    Set<String> eventTypes,
    Set<String> exceptEventTypes) {

  /** Every entry. */
  public static final EntrySelection ALL =
      new EntrySelection(Set.of(), Set.of(), Set.of(), Set.of());

  public EntrySelection {
    aggregateTypes = Set.copyOf(aggregateTypes);
    exceptAggregateTypes = Set.copyOf(exceptAggregateTypes);
    eventTypes = Set.copyOf(eventTypes);
    exceptEventTypes = Set.copyOf(exceptEventTypes);
  }

  /** Whether an entry is among them. */
  public boolean includes(LogEntry entry) {
    return isWanted(entry.aggregateType(), aggregateTypes, exceptAggregateTypes)
        && isWanted(entry.eventType(), eventTypes, exceptEventTypes);
  }

  private static boolean isWanted(String name, Set<String> wanted, Set<String> except) {
    return (wanted.isEmpty() || wanted.contains(name)) && !except.contains(name);
  }

  /** Of these kinds of aggregates alone. */
  public EntrySelection ofAggregates(String... types) {
    return new EntrySelection(Set.of(types), exceptAggregateTypes, eventTypes, exceptEventTypes);
  }

  /** Of no aggregate of these kinds. */
  public EntrySelection exceptAggregates(String... types) {
    return new EntrySelection(aggregateTypes, Set.of(types), eventTypes, exceptEventTypes);
  }

  /** These events alone. */
  public EntrySelection ofEvents(Set<String> types) {
    return new EntrySelection(aggregateTypes, exceptAggregateTypes, types, exceptEventTypes);
  }

  /** None of these events. */
  public EntrySelection exceptEvents(Set<String> types) {
    return new EntrySelection(aggregateTypes, exceptAggregateTypes, eventTypes, types);
  }
}

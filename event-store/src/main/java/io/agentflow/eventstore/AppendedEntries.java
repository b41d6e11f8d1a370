package io.agentflow.eventstore;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * What a unit of work appended, so that whoever asked for it need not read it back. It is filled
 * when the unit commits; who takes it before holds it until then.
 */
public final class AppendedEntries {

  private static final String RESOURCE = AppendedEntries.class.getName();

  private final List<Appended> entries = new ArrayList<>();

  private AppendedEntries() {}

  /**
   * Those of the unit of work at hand.
   *
   * @throws IllegalStateException when there is none
   */
  public static AppendedEntries ofCurrentUnitOfWork() {
    return of(CurrentUnitOfWork.get());
  }

  private static AppendedEntries of(UnitOfWork<?> unit) {
    return unit.root().getOrComputeResource(RESOURCE, key -> new AppendedEntries());
  }

  /** Notes what was appended, if there is a unit of work that somebody may ask about. */
  public static void add(List<Appended> appended) {
    CurrentUnitOfWork.ifStarted(unit -> of(unit).entries.addAll(appended));
  }

  /** The place of an aggregate's entry; empty when this unit of work did not append it. */
  public Optional<Appended> find(String aggregateId, long sequenceNumber) {
    return entries.stream()
        .filter(
            entry ->
                entry.aggregateId().equals(aggregateId) && entry.sequenceNumber() == sequenceNumber)
        .findFirst();
  }
}

package io.agentflow.eventstore;

import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventsourcing.AbstractSnapshotTrigger;
import org.axonframework.eventsourcing.SnapshotTrigger;
import org.axonframework.eventsourcing.SnapshotTriggerDefinition;
import org.axonframework.eventsourcing.Snapshotter;

/**
 * When an aggregate's state is kept: after so many events, and of a long history after a tenth of
 * it. So what keeping costs grows with the history as a whole, not with its square, and at most a
 * tenth of it is folded to load the aggregate.
 */
public final class SnapshotCadence implements SnapshotTriggerDefinition {

  private static final int PARTS_OF_HISTORY = 10;

  private final Snapshotter snapshotter;
  private final int everyEvents;

  /**
   * A cadence.
   *
   * @param everyEvents so many at least, from 1
   */
  public SnapshotCadence(Snapshotter snapshotter, int everyEvents) {
    this.snapshotter = snapshotter;
    this.everyEvents = everyEvents;
  }

  @Override
  public SnapshotTrigger prepareTrigger(Class<?> aggregateType) {
    return new Trigger(snapshotter, aggregateType, everyEvents);
  }

  /** Goes on counting where an aggregate comes from a cache. */
  @Override
  public SnapshotTrigger reconfigure(Class<?> aggregateType, SnapshotTrigger trigger) {
    if (trigger instanceof Trigger counting) {
      counting.setSnapshotter(snapshotter);
      return counting;
    }
    return prepareTrigger(aggregateType);
  }

  private static final class Trigger extends AbstractSnapshotTrigger {

    private static final long serialVersionUID = 1L;

    private final int everyEvents;
    private long events;
    private long sequenceNumber;

    Trigger(Snapshotter snapshotter, Class<?> aggregateType, int everyEvents) {
      super(snapshotter, aggregateType);
      this.everyEvents = everyEvents;
    }

    @Override
    public void eventHandled(EventMessage<?> event) {
      events++;
      if (event instanceof DomainEventMessage<?> ofAggregate) {
        sequenceNumber = ofAggregate.getSequenceNumber();
      }
      super.eventHandled(event);
    }

    @Override
    protected boolean exceedsThreshold() {
      return events >= Math.max(everyEvents, sequenceNumber / PARTS_OF_HISTORY);
    }

    @Override
    protected void reset() {
      events = 0;
    }
  }
}

package io.agentflow.eventstore.simulation;

import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.EventTypes;
import java.util.Map;

/**
 * The one event of the simulation. It names its unit of work, so that the log alone tells which
 * units are in it.
 *
 * @param unit unique in a simulation
 */
record Moved(String unit, long amount) {

  static final EventTypes EVENT_TYPES =
      new EventTypes(Map.of(Moved.class, new EventType("simulation.moved", 1)));
}

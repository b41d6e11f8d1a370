package io.agentflow.application.reaction;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows from an event. The same event always asks for the same, so that it does no harm when
 * it comes again.
 */
@FunctionalInterface
interface Reaction {

  /**
   * What is asked for because of this event.
   *
   * @param at when it is asked
   */
  List<Asked> on(Object event, Instant at);

  /**
   * A command that follows from an event.
   *
   * @param aggregateId whom it is for
   * @param order commands of one order are sent one after the other, none behind one that failed
   * @param otherwise what is asked for where the command is refused
   */
  record Asked(String aggregateId, String order, Object command, @Nullable Asked otherwise) {

    /** A command of which nothing follows where it is refused. */
    Asked(String aggregateId, String order, Object command) {
      this(aggregateId, order, command, null);
    }
  }
}

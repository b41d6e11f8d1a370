package io.agentflow.projections.schedule;

import java.time.Instant;
import java.util.List;

/** Reckons the times at which a schedule is due: known where cron expressions are read. */
@FunctionalInterface
public interface DueTimes {

  /** The first times from an instant on, that included where it is one. */
  List<Instant> from(String cron, String zone, Instant instant, int count);
}

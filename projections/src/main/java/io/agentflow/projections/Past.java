package io.agentflow.projections;

import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Moment;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What tables that are asked as of a point of the past know of the log. */
public record Past(PastEvents events, PastPositions positions, Clock clock) {

  /** The query parameter that names the point. */
  public static final String PARAMETER = "asOf";

  /**
   * The position of the log that is meant: the one that is named, or that of the tenant's last
   * entry at that time.
   *
   * @throws InvalidField for what is still to come
   */
  long position(String tenantId, Moment asOf) {
    return switch (asOf) {
      case Moment.AtPosition(long position) -> known(position);
      case Moment.AtTime(Instant time) -> {
        Instant now = clock.instant();
        if (time.isAfter(now)) {
          throw new InvalidField(PARAMETER, "must not be to come: it is " + now);
        }
        // Entries have times in microseconds.
        yield positions.at(tenantId, time.truncatedTo(ChronoUnit.MICROS));
      }
    };
  }

  /**
   * The same position.
   *
   * @throws InvalidField when the log does not reach it
   */
  long known(long position) {
    long head = positions.head();
    if (position > head) {
      throw new InvalidField(
          PARAMETER, "must not be behind the log's end, which is position " + head);
    }
    return position;
  }
}

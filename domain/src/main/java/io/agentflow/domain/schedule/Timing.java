package io.agentflow.domain.schedule;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.time.Duration;
import java.time.ZoneId;

/**
 * When a schedule fires, and when it does not.
 *
 * @param cron a cron expression; whoever sends the command has found it readable
 * @param zone whose clock it is read by: a name of the time zone database
 * @param queueMax most firings that wait, 1 to {@value Overlap#QUEUE_MAX}; of no account unless
 *     they queue
 * @param catchUpMillis how late a firing may be; what is later is skipped
 */
public record Timing(String cron, String zone, Overlap overlap, int queueMax, long catchUpMillis) {

  public static final String ZONE_DEFAULT = "UTC";

  /** Shortest that a firing may be late: ten seconds, since no clock is read at once. */
  public static final long CATCH_UP_MILLIS_MIN = Duration.ofSeconds(10).toMillis();

  /** Longest that a firing may be late: 366 days, which is also the default. */
  public static final long CATCH_UP_MILLIS_MAX = Duration.ofDays(366).toMillis();

  /**
   * A timing that a command may carry.
   *
   * @throws InvalidField for an unknown zone or a number out of its range
   */
  public Timing {
    Checks.name("cron", cron);
    if (!ZoneId.getAvailableZoneIds().contains(Checks.present("zone", zone))) {
      throw new InvalidField(
          "zone",
          "must be a name of the time zone database, such as UTC or Europe/Berlin, not \"%s\""
              .formatted(zone));
    }
    if (queueMax < 1 || queueMax > Overlap.QUEUE_MAX) {
      throw new InvalidField(
          "queueMax", "must be 1 to %d, not %d".formatted(Overlap.QUEUE_MAX, queueMax));
    }
    if (catchUpMillis < CATCH_UP_MILLIS_MIN || catchUpMillis > CATCH_UP_MILLIS_MAX) {
      throw new InvalidField(
          "catchUpMillis",
          "must be %d to %d, not %d"
              .formatted(CATCH_UP_MILLIS_MIN, CATCH_UP_MILLIS_MAX, catchUpMillis));
    }
  }
}

package io.agentflow.application.schedule;

import io.agentflow.domain.InvalidField;
import io.agentflow.domain.schedule.Timing;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.CronExpression;

/**
 * The times at which a cron expression is due by the clock of a zone. Where that clock is put
 * forward or back, an expression whose hour is {@code *} follows the time that really passes: it is
 * not due in an hour that there is not, and due in both of two that look the same. Any other is due
 * once for each time of the day: for one that there is not, when the clock is put forward; for one
 * that comes twice, when it comes first.
 */
public final class CronTimes {

  private static final int FIELDS_WITHOUT_SECONDS = 5;
  private static final int FIELDS = 6;
  private static final int HOUR = 2;
  private static final LocalDateTime ANY_TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

  private final CronExpression expression;
  private final boolean hourly;
  private final ZoneId zone;

  private CronTimes(CronExpression expression, boolean hourly, ZoneId zone) {
    this.expression = expression;
    this.hourly = hourly;
    this.zone = zone;
  }

  /**
   * Reads an expression of five fields (minute, hour, day of the month, month, day of the week) or
   * six (with the second first).
   *
   * @param zone a name that {@link Timing} takes
   * @throws InvalidField when it cannot be read, or is never due
   */
  public static CronTimes of(String cron, String zone) {
    String[] fields = cron.strip().split("\\s+");
    if (fields.length != FIELDS_WITHOUT_SECONDS && fields.length != FIELDS) {
      throw new InvalidField(
          "cron",
          "must have five fields (minute, hour, day of month, month, day of week) or six (second first), not "
              + fields.length);
    }
    String expression = String.join(" ", fields);
    CronTimes times =
        fields.length == FIELDS
            ? new CronTimes(parse(expression), fields[HOUR].equals("*"), ZoneId.of(zone))
            : new CronTimes(
                parse("0 " + expression), fields[HOUR - 1].equals("*"), ZoneId.of(zone));
    if (times.expression.next(ANY_TIME) == null) {
      throw new InvalidField("cron", "must be due at some time: there is no such day");
    }
    return times;
  }

  private static CronExpression parse(String expression) {
    try {
      return CronExpression.parse(expression);
    } catch (IllegalArgumentException e) {
      throw new InvalidField("cron", "cannot be read: " + e.getMessage());
    }
  }

  /** When it is due first after an instant. */
  public Instant after(Instant instant) {
    return hourly
        ? present(expression.next(instant.atZone(zone)), instant).toInstant()
        : afterByTheClock(instant);
  }

  /** When the same time comes twice, the clock's next time may be one that came already. */
  private Instant afterByTheClock(Instant instant) {
    LocalDateTime local = LocalDateTime.ofInstant(instant, zone);
    Instant due;
    do {
      local = present(expression.next(local), instant);
      due = instantOf(local);
    } while (!due.isAfter(instant));
    return due;
  }

  private Instant instantOf(LocalDateTime local) {
    ZoneOffsetTransition transition = zone.getRules().getTransition(local);
    return transition != null && transition.isGap()
        ? transition.getInstant()
        : ZonedDateTime.of(local, zone).toInstant();
  }

  private static <T> T present(@Nullable T next, Instant after) {
    if (next == null) {
      throw new IllegalStateException("what was due once is never due after " + after);
    }
    return next;
  }

  /** The first times after an instant. */
  public List<Instant> after(Instant instant, int count) {
    List<Instant> times = new ArrayList<>();
    for (Instant last = instant; times.size() < count; last = times.getLast()) {
      times.add(after(last));
    }
    return times;
  }

  /**
   * The last time that is due at an instant or before.
   *
   * @param since a time that is due, not after {@code now}
   */
  public Instant latest(Instant since, Instant now) {
    Duration back = Duration.ofSeconds(1);
    while (now.minus(back).isAfter(since)) {
      Instant found = after(now.minus(back));
      if (!found.isAfter(now)) {
        return last(found, now);
      }
      back = back.multipliedBy(2);
    }
    return last(since, now);
  }

  private Instant last(Instant due, Instant now) {
    Instant last = due;
    for (Instant next = after(last); !next.isAfter(now); next = after(next)) {
      last = next;
    }
    return last;
  }
}

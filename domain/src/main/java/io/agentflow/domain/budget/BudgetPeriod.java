package io.agentflow.domain.budget;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** After which time a budget counts from nothing again. */
public enum BudgetPeriod {
  /** Never: what is spent stays spent. */
  NONE,
  DAILY,
  /** From Monday to Monday. */
  WEEKLY,
  MONTHLY;

  /** From the first instant of a period to that of the next. */
  public record Span(Instant start, Instant end) {}

  /** The word that events and the API use: {@code none}, {@code daily}, … */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The period that the word means.
   *
   * @throws InvalidField when it means none
   */
  public static BudgetPeriod of(@Nullable String word) {
    String present = Checks.present("period", word);
    return Arrays.stream(values())
        .filter(period -> period.word().equals(present))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidField(
                    "period",
                    "must be one of "
                        + Arrays.stream(values())
                            .map(BudgetPeriod::word)
                            .collect(Collectors.joining(", "))
                        + ", not \""
                        + present
                        + "\""));
  }

  /**
   * The period in which an instant lies, from midnight to midnight in the zone.
   *
   * @throws IllegalStateException for {@link #NONE}, which has no end
   */
  Span around(Instant at, ZoneId zone) {
    LocalDate day = LocalDate.ofInstant(at, zone);
    return switch (this) {
      case NONE -> throw new IllegalStateException("no period that ends");
      case DAILY -> span(day, day.plusDays(1), zone);
      case WEEKLY -> {
        LocalDate monday = day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        yield span(monday, monday.plusWeeks(1), zone);
      }
      case MONTHLY -> {
        LocalDate first = day.withDayOfMonth(1);
        yield span(first, first.plusMonths(1), zone);
      }
    };
  }

  private static Span span(LocalDate first, LocalDate next, ZoneId zone) {
    return new Span(first.atStartOfDay(zone).toInstant(), next.atStartOfDay(zone).toInstant());
  }
}

package io.agentflow.domain.budget;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a budget is opened with beside its limit.
 *
 * @param softLimit what may be passed, but is told; null where there is none
 * @param thresholdsPercent parts of the limit whose crossing is told, ascending
 * @param zone in which its periods begin at midnight
 */
public record BudgetTerms(
    @Nullable Spend softLimit, List<Integer> thresholdsPercent, BudgetPeriod period, String zone) {

  /** Told at 80 and 100 percent, never rolled. */
  public static final BudgetTerms DEFAULT =
      new BudgetTerms(null, List.of(80, 100), BudgetPeriod.NONE, "UTC");

  /** Most thresholds of a budget. */
  public static final int THRESHOLDS_MAX = 10;

  public BudgetTerms {
    thresholdsPercent = List.copyOf(thresholdsPercent);
  }

  /**
   * Terms that a command may carry. What is null is as by default.
   *
   * @param zone a name of the time zone database, such as {@code Europe/Berlin}
   * @throws InvalidField for a threshold that is not 1 to 100, too many of them, or an unknown zone
   */
  public static BudgetTerms of(
      @Nullable Spend softLimit,
      @Nullable List<@Nullable Integer> thresholdsPercent,
      @Nullable BudgetPeriod period,
      @Nullable String zone) {
    return new BudgetTerms(
        softLimit,
        thresholdsPercent == null ? DEFAULT.thresholdsPercent : thresholds(thresholdsPercent),
        period == null ? DEFAULT.period : period,
        zone == null ? DEFAULT.zone : zone(zone));
  }

  private static List<Integer> thresholds(List<@Nullable Integer> percents) {
    if (percents.size() > THRESHOLDS_MAX) {
      throw new InvalidField(
          "thresholdsPercent",
          "must be at most %d, not %d".formatted(THRESHOLDS_MAX, percents.size()));
    }
    for (Integer percent : percents) {
      int present = Checks.present("thresholdsPercent", percent);
      if (present < 1 || present > 100) {
        throw new InvalidField("thresholdsPercent", "must each be 1 to 100, not " + present);
      }
    }
    return percents.stream().map(Integer.class::cast).distinct().sorted().toList();
  }

  private static String zone(String zone) {
    try {
      return ZoneId.of(zone).getId();
    } catch (DateTimeException e) {
      throw new InvalidField("zone", "must be a time zone, such as UTC or Europe/Berlin");
    }
  }
}

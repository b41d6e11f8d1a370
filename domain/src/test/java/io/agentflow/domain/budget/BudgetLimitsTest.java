package io.agentflow.domain.budget;

import static io.agentflow.domain.budget.BudgetCommands.ID;
import static io.agentflow.domain.budget.BudgetCommands.allocate;
import static io.agentflow.domain.budget.BudgetCommands.limit;
import static io.agentflow.domain.budget.BudgetCommands.open;
import static io.agentflow.domain.budget.BudgetCommands.openOn;
import static io.agentflow.domain.budget.BudgetCommands.release;
import static io.agentflow.domain.budget.BudgetCommands.reserve;
import static io.agentflow.domain.budget.BudgetCommands.roll;
import static io.agentflow.domain.budget.BudgetCommands.rolling;
import static io.agentflow.domain.budget.BudgetCommands.settle;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Histories;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetEvent.BudgetExhausted;
import io.agentflow.domain.budget.BudgetEvent.LimitChanged;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetEvent.ThresholdCrossed;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import io.agentflow.domain.budget.BudgetRejection.LimitTooLow;
import io.agentflow.domain.budget.BudgetRejection.NeverRolls;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits that change, alarms that are told, periods that roll. */
class BudgetLimitsTest {

  private final Histories<BudgetCommand, BudgetEvent, Budget, BudgetRejection> budget =
      BudgetCommands.history();

  private List<BudgetEvent> eventsOf(BudgetCommand command) {
    int before = budget.events().size();
    budget.given(command);
    return List.copyOf(budget.events().subList(before, budget.events().size()));
  }

  private static ThresholdCrossed crossed(int percent, long usedTokens) {
    return new ThresholdCrossed(ID.value(), "hard", percent, 100, 100, usedTokens, 0);
  }

  @Test
  void a_limit_is_raised_and_lowered_down_to_what_is_in_use() {
    budget.given(open(100, 100), allocate(10, 0), reserve("r1", 20, 0), reserve("r2", 30, 30));
    budget.given(settle("r2", 30, 30));

    assertThat(eventsOf(limit(200, 150, null)))
        .containsExactly(new LimitChanged(ID.value(), 200, 150, null, null, 140, 120, List.of()));
    budget.isAlreadySo(limit(200, 150, null));
    budget.refuses(limit(59, 150, null), new LimitTooLow(59, 60, 150, 30));
    assertThat(eventsOf(limit(60, 150, null)))
        .contains(new LimitChanged(ID.value(), 60, 150, null, null, 0, 120, List.of()));
    budget.refuses(reserve("r3", 1, 0), new LimitExceeded(1, 0, 0, 120));
  }

  @Test
  void a_repeated_opening_is_already_so_whatever_the_limit_is_now() {
    budget.given(open(100, 100), limit(200, 200, Spend.of(1, 1)));

    budget.isAlreadySo(open(100, 100));
  }

  @Test
  void a_threshold_is_told_once_until_usage_fell_below_it() {
    budget.given(open(100, 100), reserve("r1", 79, 0));

    assertThat(eventsOf(reserve("r2", 1, 0))).contains(crossed(80, 80));
    assertThat(eventsOf(reserve("r3", 1, 0))).hasSize(1);
    assertThat(eventsOf(release("r3"))).hasSize(1);
    assertThat(eventsOf(release("r2"))).hasSize(1);
    assertThat(eventsOf(reserve("r4", 1, 0))).contains(crossed(80, 80));
  }

  @Test
  void one_step_to_the_limit_tells_every_threshold_and_that_it_is_exhausted() {
    budget.given(open(100, 100));

    assertThat(eventsOf(reserve("r1", 100, 0)).subList(1, 4))
        .containsExactly(
            crossed(80, 100), crossed(100, 100), new BudgetExhausted(ID.value(), 100, 100, 100, 0));
  }

  @Test
  void that_a_budget_is_exhausted_is_told_whatever_the_thresholds_are() {
    budget.given(openOn(BudgetCommands.untold(), "2026-01-01T00:00:00Z", 100, 100));

    assertThat(eventsOf(reserve("r1", 0, 100)).subList(1, 2))
        .containsExactly(new BudgetExhausted(ID.value(), 100, 100, 0, 100));
  }

  @Test
  void usage_above_its_reservation_sets_off_the_alarms_too() {
    budget.given(open(100, 100), reserve("r1", 10, 0));

    assertThat(eventsOf(settle("r1", 130, 0)).subList(1, 4))
        .containsExactly(
            crossed(80, 130), crossed(100, 130), new BudgetExhausted(ID.value(), 100, 100, 130, 0));
  }

  @Test
  void a_raised_limit_ends_the_alarm_and_a_lowered_one_sets_it_off() {
    budget.given(open(100, 100), reserve("r1", 90, 0), limit(1_000, 100, null));

    assertThat(eventsOf(limit(100, 100, null))).contains(crossed(80, 90));
  }

  @Test
  void a_passed_soft_limit_is_told_and_stops_nothing() {
    budget.given(open(100, 100), limit(100, 100, Spend.of(50, 100)), reserve("r1", 50, 0));

    assertThat(eventsOf(reserve("r2", 1, 0)))
        .contains(new ThresholdCrossed(ID.value(), "soft", 100, 50, 100, 51, 0));
    assertThat(eventsOf(reserve("r3", 1, 0))).hasSize(1);
    budget.given(release("r3"), release("r2"));
    assertThat(eventsOf(reserve("r4", 2, 0))).hasSize(2);
  }

  @Test
  void what_a_slice_has_sets_off_no_alarm_and_what_it_used_does() {
    budget.given(open(100, 100));

    assertThat(eventsOf(allocate(100, 100))).hasSize(1);
    assertThat(eventsOf(BudgetCommands.giveBack(85, 0))).contains(crossed(80, 85));
  }

  @Test
  void a_limit_of_nothing_in_one_currency_is_not_exhausted_by_using_none_of_it() {
    budget.given(open(100, 0));

    assertThat(eventsOf(reserve("r1", 10, 0))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "DAILY, UTC, 2026-05-04T12:00:00Z, 2026-05-04T00:00:00Z, 2026-05-05T00:00:00Z",
    "DAILY, UTC, 2026-05-04T00:00:00Z, 2026-05-04T00:00:00Z, 2026-05-05T00:00:00Z",
    "WEEKLY, UTC, 2026-05-10T23:59:59Z, 2026-05-04T00:00:00Z, 2026-05-11T00:00:00Z",
    "WEEKLY, Asia/Tokyo, 2026-05-10T15:00:00Z, 2026-05-10T15:00:00Z, 2026-05-17T15:00:00Z",
    "MONTHLY, UTC, 2026-12-31T23:59:59Z, 2026-12-01T00:00:00Z, 2027-01-01T00:00:00Z",
    "DAILY, Europe/Berlin, 2026-03-29T12:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
    "DAILY, Pacific/Apia, 2011-12-30T01:00:00Z, 2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z"
  })
  void a_period_goes_from_midnight_to_midnight_in_its_zone(
      BudgetPeriod period, String zone, String at, String start, String end) {
    assertThat(period.around(Instant.parse(at), java.time.ZoneId.of(zone)))
        .isEqualTo(new BudgetPeriod.Span(Instant.parse(start), Instant.parse(end)));
  }

  @Test
  void a_roll_forgets_what_was_spent_and_holds_what_is_reserved() {
    budget.given(
        openOn(rolling(BudgetPeriod.DAILY, "UTC"), "2026-05-04T12:00:00Z", 100, 100),
        allocate(5, 5),
        reserve("r1", 30, 30),
        reserve("r2", 20, 20),
        settle("r2", 20, 10));
    assertThat(((Budget.Open) budget.state()).nextRollAt())
        .isEqualTo(Instant.parse("2026-05-05T00:00:00Z"));
    budget.isAlreadySo(roll("2026-05-04T23:59:59.999Z"));

    assertThat(eventsOf(roll("2026-05-05T00:00:00Z")))
        .containsExactly(
            new PeriodRolled(
                ID.value(),
                "2026-05-05T00:00:00Z",
                "2026-05-06T00:00:00Z",
                20,
                10,
                65,
                65,
                List.of()));
    budget.isAlreadySo(roll("2026-05-05T00:00:00Z"));
    budget.given(settle("r1", 30, 30));
    assertThat(((Budget.Open) budget.state()).balance().spent()).isEqualTo(Spend.of(30, 30));
  }

  @Test
  void periods_in_which_nobody_looked_roll_in_one_event() {
    budget.given(openOn(rolling(BudgetPeriod.WEEKLY, "UTC"), "2026-05-04T12:00:00Z", 100, 100));

    assertThat(eventsOf(roll("2026-06-30T09:00:00Z")))
        .containsExactly(
            new PeriodRolled(
                ID.value(),
                "2026-06-29T00:00:00Z",
                "2026-07-06T00:00:00Z",
                0,
                0,
                100,
                100,
                List.of()));
  }

  @Test
  void a_new_period_tells_its_thresholds_anew() {
    BudgetTerms terms = BudgetTerms.of(null, null, BudgetPeriod.DAILY, null);
    budget.given(
        openOn(terms, "2026-05-04T12:00:00Z", 100, 100),
        reserve("r1", 80, 0),
        settle("r1", 80, 0),
        roll("2026-05-05T00:00:00Z"));

    assertThat(eventsOf(reserve("r2", 85, 0))).contains(crossed(80, 85));
  }

  @Test
  void a_budget_without_period_never_rolls() {
    budget.given(open(1, 1)).refuses(roll("2026-05-05T00:00:00Z"), new NeverRolls(ID.value()));
  }
}

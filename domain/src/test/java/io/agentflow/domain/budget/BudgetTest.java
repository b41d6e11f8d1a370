package io.agentflow.domain.budget;

import static io.agentflow.domain.budget.BudgetCommands.ID;
import static io.agentflow.domain.budget.BudgetCommands.SLICE;
import static io.agentflow.domain.budget.BudgetCommands.allocate;
import static io.agentflow.domain.budget.BudgetCommands.close;
import static io.agentflow.domain.budget.BudgetCommands.open;
import static io.agentflow.domain.budget.BudgetCommands.release;
import static io.agentflow.domain.budget.BudgetCommands.reserve;
import static io.agentflow.domain.budget.BudgetCommands.settle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.Histories;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetEvent.BudgetClosed;
import io.agentflow.domain.budget.BudgetEvent.BudgetOpened;
import io.agentflow.domain.budget.BudgetEvent.ReservationSettled;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetEvent.TermsSet;
import io.agentflow.domain.budget.BudgetRejection.BudgetIsClosed;
import io.agentflow.domain.budget.BudgetRejection.DifferentBudgetExists;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import io.agentflow.domain.budget.BudgetRejection.ReservationClosed;
import io.agentflow.domain.budget.BudgetRejection.ReservationDiffers;
import io.agentflow.domain.budget.BudgetRejection.SettledDifferently;
import io.agentflow.domain.budget.BudgetRejection.SliceDiffers;
import io.agentflow.domain.budget.BudgetRejection.SpentTooLarge;
import io.agentflow.domain.budget.BudgetRejection.StillInUse;
import io.agentflow.domain.budget.BudgetRejection.UnknownBudget;
import io.agentflow.domain.budget.BudgetRejection.UnknownReservation;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Opened, reserved on, settled, closed. */
class BudgetTest {

  private final Histories<BudgetCommand, BudgetEvent, Budget, BudgetRejection> budget =
      BudgetCommands.history();

  @Test
  void a_budget_on_the_usual_terms_is_opened_by_one_event() {
    budget.given(open(1_000, 500));

    assertThat(budget.events())
        .containsExactly(new BudgetOpened(ID.value(), "all", null, 1_000, 500));
  }

  @Test
  void other_terms_are_told_beside_the_opening() {
    BudgetTerms terms =
        BudgetTerms.of(
            Spend.of(700, 500), Arrays.asList(90, 50, 90), BudgetPeriod.MONTHLY, "Europe/Berlin");
    budget.given(BudgetCommands.openOn(terms, "2026-03-15T10:00:00Z", 1_000, 500));

    assertThat(budget.events())
        .containsExactly(
            new BudgetOpened(ID.value(), "all", null, 1_000, 500),
            new TermsSet(
                ID.value(),
                700L,
                500L,
                List.of(50, 90),
                "monthly",
                "Europe/Berlin",
                "2026-02-28T23:00:00Z",
                "2026-03-31T22:00:00Z"));
    budget.isAlreadySo(BudgetCommands.openOn(terms, "2026-09-01T10:00:00Z", 1_000, 500));
    budget.refuses(open(1_000, 500), new DifferentBudgetExists(ID.value()));
  }

  @Test
  void terms_that_mean_nothing_are_refused() {
    for (List<Integer> percents : List.of(List.of(0), List.of(101), List.of(-80))) {
      assertThatThrownBy(() -> BudgetTerms.of(null, List.copyOf(percents), null, null))
          .isInstanceOf(InvalidField.class);
    }
    assertThatThrownBy(() -> BudgetTerms.of(null, null, null, "Mars/Olympus"))
        .isInstanceOf(InvalidField.class);
    assertThatThrownBy(() -> BudgetPeriod.of("yearly")).isInstanceOf(InvalidField.class);
    BudgetTerms daily = BudgetCommands.rolling(BudgetPeriod.DAILY, "UTC");
    assertThatThrownBy(() -> new OpenBudget(ID, "all", null, Spend.of(1, 1), daily, null))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("at");
    BudgetTerms above = BudgetTerms.of(Spend.of(101, 1), null, null, null);
    assertThatThrownBy(() -> new OpenBudget(ID, "all", null, Spend.of(100, 100), above, null))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("softLimit");
  }

  @Test
  void a_reservation_says_what_remains() {
    budget.given(open(1_000, 500), reserve("r1", 700, 100));

    assertThat(budget.events().getLast())
        .isEqualTo(new SpendReserved(ID.value(), "r1", 700, 100, 300, 400));
  }

  @Test
  void a_reservation_beyond_what_remains_is_refused_and_leaves_no_event() {
    budget.given(open(1_000, 1_000), reserve("r1", 700, 0));

    budget.refuses(reserve("r2", 400, 0), new LimitExceeded(400, 300, 0, 1_000));
    assertThat(budget.events()).hasSize(2);
  }

  @Test
  void money_and_tokens_are_limited_each_by_itself() {
    budget
        .given(open(1_000, 10))
        .refuses(reserve("r1", 1, 11), new LimitExceeded(1, 1_000, 11, 10));
  }

  @Test
  void a_settled_reservation_gives_back_what_was_not_used() {
    budget.given(open(1_000, 1_000), reserve("r1", 900, 900), settle("r1", 100, 200));

    assertThat(budget.events().getLast())
        .isEqualTo(
            new ReservationSettled(ID.value(), "r1", 900, 900, 100, 200, 100, 200, 900, 800));
  }

  @Test
  void usage_above_its_reservation_is_recorded_and_stops_further_reservations() {
    budget.given(open(100, 100), reserve("r1", 50, 50), reserve("r2", 1, 1), settle("r1", 130, 60));

    budget.refuses(reserve("r3", 1, 1), new LimitExceeded(1, -31, 1, 39));
    budget.refuses(reserve("r3", 0, 1), new LimitExceeded(0, -31, 1, 39));
    budget.given(BudgetCommands.limit(200, 100, null), reserve("r3", 1, 1));
  }

  @Test
  void usage_beyond_what_json_can_carry_is_refused() {
    long most = (1L << 53) - 1;
    budget.given(open(most, most), reserve("r1", 1, 1), reserve("r2", 1, 1));

    budget.refuses(settle("r1", most, 0), new SpentTooLarge());
    budget.given(settle("r1", most - 1, 0));
  }

  @Test
  void a_released_reservation_gives_back_all() {
    budget.given(open(100, 100), reserve("r1", 60, 60), release("r1"), reserve("r2", 100, 100));
  }

  @Test
  void a_budget_is_no_slice_of_itself() {
    assertThatThrownBy(() -> new AllocateSlice(ID, ID, "slice", null, Spend.of(1, 1)))
        .isInstanceOf(InvalidField.class);
  }

  @Test
  void what_was_done_may_be_asked_again() {
    budget.given(open(100, 100), allocate(10, 10), reserve("r1", 10, 10), reserve("r2", 10, 10));
    budget.isAlreadySo(open(100, 100));
    budget.isAlreadySo(allocate(10, 10));
    budget.isAlreadySo(reserve("r1", 10, 10));
    budget.given(settle("r1", 5, 5), release("r2"));
    budget.isAlreadySo(settle("r1", 5, 5));
    budget.isAlreadySo(release("r2"));
    budget.isAlreadySo(reserve("r1", 10, 10));
  }

  @Test
  void what_contradicts_the_past_is_refused() {
    budget.given(open(100, 100), allocate(10, 10), reserve("r1", 10, 10), reserve("r2", 10, 10));
    budget.given(settle("r1", 5, 5), release("r2"));

    budget.refuses(open(200, 100), new DifferentBudgetExists(ID.value()));
    budget.refuses(allocate(11, 10), new SliceDiffers(SLICE.value()));
    budget.refuses(reserve("r1", 11, 10), new ReservationDiffers("r1"));
    budget.refuses(settle("r1", 6, 5), new SettledDifferently("r1"));
    budget.refuses(release("r1"), new ReservationClosed("r1", "settled"));
    budget.refuses(settle("r2", 1, 1), new ReservationClosed("r2", "released"));
    budget.refuses(settle("r9", 1, 1), new UnknownReservation("r9"));
    budget.refuses(release("r9"), new UnknownReservation("r9"));
  }

  @Test
  void nothing_is_asked_of_a_budget_that_is_not_open() {
    budget.refuses(reserve("r1", 1, 1), new UnknownBudget(ID.value()));
    budget.refuses(close(), new UnknownBudget(ID.value()));
  }

  @Test
  void a_budget_closes_once_nothing_of_it_is_held() {
    budget.given(open(100, 100), reserve("r1", 10, 10), reserve("r2", 0, 0), allocate(5, 5));
    budget.refuses(close(), new StillInUse(ID.value(), 2, 1));
    budget.given(settle("r1", 7, 8), release("r2"));
    budget.refuses(close(), new StillInUse(ID.value(), 0, 1));
    budget.given(BudgetCommands.giveBack(1, 2), close());

    assertThat(budget.events().getLast())
        .isEqualTo(new BudgetClosed(ID.value(), null, 100, 100, 8, 10));
  }

  @Test
  void a_closed_budget_knows_what_was_done_and_does_nothing_more() {
    budget.given(open(100, 100), reserve("r1", 10, 10), settle("r1", 7, 8), close());

    budget.isAlreadySo(close());
    budget.isAlreadySo(open(100, 100));
    budget.isAlreadySo(reserve("r1", 10, 10));
    budget.isAlreadySo(settle("r1", 7, 8));
    budget.refuses(reserve("r2", 1, 1), new BudgetIsClosed(ID.value()));
    budget.refuses(reserve("r2", 101, 1), new BudgetIsClosed(ID.value()));
    budget.refuses(allocate(1, 1), new BudgetIsClosed(ID.value()));
    budget.refuses(BudgetCommands.limit(200, 200, null), new BudgetIsClosed(ID.value()));
  }
}

package io.agentflow.domain.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Histories;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget.Open;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
import io.agentflow.domain.budget.BudgetEvent.ReservationSettled;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetRejection.DifferentBudgetExists;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import io.agentflow.domain.budget.BudgetRejection.ReservationClosed;
import io.agentflow.domain.budget.BudgetRejection.ReservationDiffers;
import io.agentflow.domain.budget.BudgetRejection.SettledDifferently;
import io.agentflow.domain.budget.BudgetRejection.SliceDiffers;
import io.agentflow.domain.budget.BudgetRejection.UnknownBudget;
import io.agentflow.domain.budget.BudgetRejection.UnknownReservation;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetTest {

  private static final BudgetId ID = new BudgetId("018f4e6a-0000-7000-8000-0000000000b1");
  private static final BudgetId SLICE = new BudgetId("018f4e6a-0000-7000-8000-0000000000b2");

  private final Histories<BudgetCommand, BudgetEvent, Budget, BudgetRejection> budget =
      new Histories<>(Budget.initial(), Budget::decide, Budget::evolve);

  private static OpenBudget open(long tokens, long microDollars) {
    return new OpenBudget(ID, "all", null, Spend.of(tokens, microDollars));
  }

  private static ReserveSpend reserve(String id, long tokens, long microDollars) {
    return new ReserveSpend(ID, id, Spend.of(tokens, microDollars));
  }

  private static SettleReservation settle(String id, long tokens, long microDollars) {
    return new SettleReservation(ID, id, Spend.of(tokens, microDollars));
  }

  private static ReleaseReservation release(String id) {
    return new ReleaseReservation(ID, id);
  }

  private static AllocateSlice allocate(long tokens, long microDollars) {
    return new AllocateSlice(ID, SLICE, "slice", null, Spend.of(tokens, microDollars));
  }

  @Test
  void a_reservation_says_what_remains() {
    budget.given(open(1_000, 500), reserve("r1", 900, 100));

    assertThat(budget.events().getLast())
        .isEqualTo(new SpendReserved(ID.value(), "r1", 900, 100, 100, 400));
  }

  @Test
  void a_reservation_beyond_what_remains_is_refused_and_leaves_no_event() {
    budget.given(open(1_000, 1_000), reserve("r1", 900, 0));

    budget.refuses(reserve("r2", 400, 0), new LimitExceeded(400, 100, 0, 1_000));
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
    budget.given(open(100, 100), reserve("r1", 50, 50), settle("r1", 130, 60));

    budget.refuses(reserve("r2", 1, 1), new LimitExceeded(1, -30, 1, 40));
    budget.refuses(reserve("r3", 0, 1), new LimitExceeded(0, -30, 1, 40));
  }

  @Test
  void a_released_reservation_gives_back_all() {
    budget.given(open(100, 100), reserve("r1", 60, 60), release("r1"), reserve("r2", 100, 100));
  }

  @Test
  void a_slice_is_taken_off_the_budget_and_opens_as_its_own() {
    budget.given(open(100, 100), allocate(60, 70));

    budget.refuses(reserve("r1", 41, 0), new LimitExceeded(41, 40, 0, 30));
    assertThat(allocate(60, 70).openingOfSlice())
        .isEqualTo(new OpenBudget(SLICE, "slice", ID, Spend.of(60, 70)));
  }

  @Test
  void a_slice_beyond_what_remains_is_refused() {
    budget.given(open(100, 100)).refuses(allocate(101, 0), new LimitExceeded(101, 100, 0, 100));
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
  void nothing_is_reserved_on_a_budget_that_is_not_open() {
    budget.refuses(reserve("r1", 1, 1), new UnknownBudget(ID.value()));
  }

  /**
   * After every prefix of any history the limit holds, as long as nothing used more than it had
   * reserved; and the same command delivered twice records once.
   */
  @Test
  void no_history_overspends() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 300; run++) {
      var history =
          new Histories<BudgetCommand, BudgetEvent, Budget, BudgetRejection>(
              Budget.initial(), Budget::decide, Budget::evolve);
      history.given(open(100, 100));
      for (int step = 0; step < 60; step++) {
        BudgetCommand command = anyCommand(random, history.state());
        if (history.when(command) instanceof Accepted) {
          assertThat(history.when(command))
              .as("seed %d, run %d, step %d: %s", seed, run, step, command)
              .isEqualTo(Decision.<BudgetEvent, BudgetRejection>alreadySo());
        }
        Open open = (Open) history.state();
        assertThat(open.allocated().plus(open.reserved()).plus(open.spent()).isWithin(open.limit()))
            .as("seed %d, run %d, step %d: %s", seed, run, step, open)
            .isTrue();
      }
    }
  }

  private static BudgetCommand anyCommand(Random random, Budget budget) {
    String id = "r" + random.nextInt(12);
    long tokens = random.nextInt(40);
    long microDollars = random.nextInt(40);
    return switch (random.nextInt(8)) {
      case 0 -> release(id);
      case 1, 2 -> settleWithinReservation(random, id, (Open) budget);
      case 3 -> allocate(tokens, microDollars);
      default -> reserve(id, tokens, microDollars);
    };
  }

  private static BudgetCommand settleWithinReservation(Random random, String id, Open budget) {
    Budget.Reservation held = budget.reservations().get(id);
    return held == null
        ? settle(id, 1, 1)
        : settle(
            id,
            random.nextLong(held.amount().tokens() + 1),
            random.nextLong(held.amount().microDollars() + 1));
  }
}

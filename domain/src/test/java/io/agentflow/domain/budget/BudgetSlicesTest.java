package io.agentflow.domain.budget;

import static io.agentflow.domain.budget.BudgetCommands.ID;
import static io.agentflow.domain.budget.BudgetCommands.SLICE;
import static io.agentflow.domain.budget.BudgetCommands.allocate;
import static io.agentflow.domain.budget.BudgetCommands.giveBack;
import static io.agentflow.domain.budget.BudgetCommands.open;
import static io.agentflow.domain.budget.BudgetCommands.reserve;
import static io.agentflow.domain.budget.BudgetCommands.resize;
import static io.agentflow.domain.budget.BudgetCommands.settle;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Histories;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.CloseBudget;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ResizeSlice;
import io.agentflow.domain.budget.BudgetCommand.ReturnSlice;
import io.agentflow.domain.budget.BudgetEvent.SliceChanged;
import io.agentflow.domain.budget.BudgetEvent.SliceReturned;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import io.agentflow.domain.budget.BudgetRejection.UnknownSlice;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a parent gives, changes and takes back. */
class BudgetSlicesTest {

  private final Histories<BudgetCommand, BudgetEvent, Budget, BudgetRejection> budget =
      BudgetCommands.history();

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
  void a_slice_asks_its_parent_for_what_it_changes() {
    assertThat(new ChangeLimit(SLICE, Spend.of(5, 6), null).resizingIn(ID))
        .isEqualTo(new ResizeSlice(ID, SLICE, Spend.of(5, 6)));
    assertThat(new CloseBudget(SLICE).returningTo(ID, Spend.of(3, 4)))
        .isEqualTo(new ReturnSlice(ID, SLICE, Spend.of(3, 4)));
  }

  @Test
  void a_slice_grows_out_of_what_remains_and_shrinks_into_it() {
    budget.given(open(100, 100), allocate(60, 70), resize(80, 50));

    assertThat(budget.events().getLast())
        .isEqualTo(new SliceChanged(ID.value(), SLICE.value(), 80, 50, 20, 50, List.of()));
    budget.isAlreadySo(resize(80, 50));
    budget.isAlreadySo(allocate(60, 70));
    budget.refuses(resize(101, 50), new LimitExceeded(21, 20, 0, 50));
  }

  @Test
  void a_slice_may_shrink_while_its_parent_is_overspent() {
    budget.given(open(100, 100), allocate(60, 60), reserve("r1", 1, 1), settle("r1", 90, 90));

    budget.refuses(resize(61, 50), new LimitExceeded(1, -50, -10, -50));
    budget.given(resize(50, 50));
  }

  @Test
  void what_a_slice_used_is_spent_and_the_rest_comes_back() {
    budget.given(open(100, 100), allocate(60, 70), giveBack(10, 20));

    assertThat(budget.events().getLast())
        .isEqualTo(
            new SliceReturned(
                ID.value(), SLICE.value(), 60, 70, 10, 20, 10, 20, 90, 80, List.of()));
    budget.isAlreadySo(giveBack(10, 20));
    budget.isAlreadySo(allocate(60, 70));
    budget.refuses(resize(1, 1), new UnknownSlice(SLICE.value()));
  }

  @Test
  void what_a_slice_used_above_what_it_had_is_told_truthfully() {
    budget.given(open(100, 100), allocate(60, 70), giveBack(130, 20));

    budget.refuses(reserve("r1", 1, 0), new LimitExceeded(1, -30, 0, 80));
  }

  @Test
  void what_is_no_slice_is_neither_changed_nor_taken_back() {
    budget.given(open(100, 100));

    budget.refuses(resize(1, 1), new UnknownSlice(SLICE.value()));
    budget.refuses(giveBack(1, 1), new UnknownSlice(SLICE.value()));
  }
}

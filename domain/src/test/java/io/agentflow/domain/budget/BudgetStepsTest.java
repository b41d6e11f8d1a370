package io.agentflow.domain.budget;

import static io.agentflow.domain.budget.BudgetCommands.ID;
import static io.agentflow.domain.budget.BudgetCommands.OTHER_WORKFLOW;
import static io.agentflow.domain.budget.BudgetCommands.SLICE;
import static io.agentflow.domain.budget.BudgetCommands.WORKFLOW;
import static io.agentflow.domain.budget.BudgetCommands.allocate;
import static io.agentflow.domain.budget.BudgetCommands.giveBack;
import static io.agentflow.domain.budget.BudgetCommands.limit;
import static io.agentflow.domain.budget.BudgetCommands.open;
import static io.agentflow.domain.budget.BudgetCommands.openOn;
import static io.agentflow.domain.budget.BudgetCommands.release;
import static io.agentflow.domain.budget.BudgetCommands.reserve;
import static io.agentflow.domain.budget.BudgetCommands.reserveForStep;
import static io.agentflow.domain.budget.BudgetCommands.resize;
import static io.agentflow.domain.budget.BudgetCommands.roll;
import static io.agentflow.domain.budget.BudgetCommands.rolling;
import static io.agentflow.domain.budget.BudgetCommands.settle;
import static io.agentflow.domain.budget.BudgetCommands.stepId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.Histories;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.ReserveForStep;
import io.agentflow.domain.budget.BudgetEvent.LimitChanged;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.SliceChanged;
import io.agentflow.domain.budget.BudgetEvent.SliceReturned;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetRejection.ReservationDiffers;
import io.agentflow.domain.budget.BudgetRejection.UnknownBudget;
import org.junit.jupiter.api.Test;

/** Reservations of steps, and workflows that wait for room. */
class BudgetStepsTest {

  private final Histories<BudgetCommand, BudgetEvent, Budget, BudgetRejection> budget =
      BudgetCommands.history();

  private static ReservationRefused refused(String step, long tokens, long remaining) {
    return new ReservationRefused(
        ID.value(), WORKFLOW.value(), stepId(WORKFLOW, step), tokens, 0, remaining, 100);
  }

  @Test
  void a_reservation_names_the_attempt_that_it_is_for() {
    budget.given(open(100, 100), reserveForStep(WORKFLOW, "s:1", 10, 0));

    SpendReserved reserved = (SpendReserved) budget.events().getLast();
    assertThat(StepReservation.of(reserved.reservationId()))
        .contains(new StepReservation(WORKFLOW.value(), "s:1", 1));
    assertThat(StepReservation.of("run")).isEmpty();
    budget.isAlreadySo(reserveForStep(WORKFLOW, "s:1", 10, 0));
    budget.refuses(
        reserveForStep(WORKFLOW, "s:1", 11, 0), new ReservationDiffers(stepId(WORKFLOW, "s:1")));
  }

  @Test
  void an_id_of_another_workflow_or_of_no_step_is_refused() {
    for (String id :
        new String[] {
          "run", WORKFLOW.value() + ":s", WORKFLOW.value() + ":s:0", stepId(OTHER_WORKFLOW, "s")
        }) {
      assertThatThrownBy(() -> new ReserveForStep(ID, WORKFLOW, id, Spend.NONE))
          .isInstanceOf(InvalidField.class);
    }
  }

  @Test
  void what_does_not_fit_is_recorded_once() {
    budget.given(open(100, 100), reserve("r1", 50, 0), reserveForStep(WORKFLOW, "a", 60, 0));

    assertThat(budget.events().getLast()).isEqualTo(refused("a", 60, 50));
    budget.isAlreadySo(reserveForStep(WORKFLOW, "a", 60, 0));
  }

  @Test
  void what_was_refused_is_reserved_when_it_is_asked_again_and_fits() {
    budget.given(open(100, 100), reserve("r1", 50, 0), reserveForStep(WORKFLOW, "a", 60, 0));
    budget.given(release("r1"), reserveForStep(WORKFLOW, "a", 60, 0));

    assertThat(budget.events().getLast())
        .isEqualTo(new SpendReserved(ID.value(), stepId(WORKFLOW, "a"), 60, 0, 40, 100));
    budget.given(limit(200, 100, null));
    assertThat(((LimitChanged) budget.events().getLast()).waitingWorkflowIds())
        .as("it no longer waits")
        .isEmpty();
  }

  @Test
  void a_raised_limit_names_each_workflow_that_waits_once() {
    budget.given(open(10, 10), reserveForStep(OTHER_WORKFLOW, "a", 20, 0));
    budget.given(reserveForStep(WORKFLOW, "a", 20, 0), reserveForStep(WORKFLOW, "b", 30, 0));

    budget.given(limit(9, 10, null));
    assertThat(((LimitChanged) budget.events().getLast()).waitingWorkflowIds())
        .as("there is less room, not more")
        .isEmpty();
    budget.given(limit(15, 10, null));
    assertThat(((LimitChanged) budget.events().getLast()).waitingWorkflowIds())
        .containsExactly(WORKFLOW.value(), OTHER_WORKFLOW.value());
    budget.given(limit(16, 10, null));
    assertThat(((LimitChanged) budget.events().getLast()).waitingWorkflowIds()).isEmpty();
  }

  @Test
  void who_tries_again_in_vain_waits_again() {
    budget.given(open(10, 100), reserveForStep(WORKFLOW, "a", 20, 0), limit(15, 100, null));
    budget.given(reserveForStep(WORKFLOW, "a", 20, 0));

    assertThat(budget.events().getLast()).isEqualTo(refused("a", 20, 15));
    budget.given(limit(20, 100, null));
    assertThat(((LimitChanged) budget.events().getLast()).waitingWorkflowIds())
        .containsExactly(WORKFLOW.value());
  }

  @Test
  void a_new_period_names_those_that_wait() {
    budget.given(
        openOn(rolling(BudgetPeriod.DAILY, "UTC"), "2026-05-04T12:00:00Z", 10, 10),
        reserve("r1", 10, 0),
        settle("r1", 10, 0),
        reserveForStep(WORKFLOW, "a", 1, 0),
        roll("2026-05-05T00:00:00Z"));

    assertThat(((PeriodRolled) budget.events().getLast()).waitingWorkflowIds())
        .containsExactly(WORKFLOW.value());
  }

  @Test
  void a_slice_that_gives_back_names_those_that_wait() {
    budget.given(open(10, 10), allocate(10, 10), reserveForStep(WORKFLOW, "a", 5, 0));
    budget.given(resize(9, 9));
    assertThat(((SliceChanged) budget.events().getLast()).waitingWorkflowIds())
        .containsExactly(WORKFLOW.value());
    budget.given(reserveForStep(WORKFLOW, "a", 5, 0), giveBack(0, 0));

    assertThat(budget.events().getLast())
        .isInstanceOfSatisfying(
            SliceReturned.class,
            returned -> {
              assertThat(returned.sliceId()).isEqualTo(SLICE.value());
              assertThat(returned.waitingWorkflowIds()).containsExactly(WORKFLOW.value());
            });
  }

  @Test
  void a_step_of_an_unknown_budget_is_refused() {
    budget.refuses(reserveForStep(WORKFLOW, "a", 1, 1), new UnknownBudget(ID.value()));
  }
}

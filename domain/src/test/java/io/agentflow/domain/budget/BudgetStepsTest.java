package io.agentflow.domain.budget;

import static io.agentflow.domain.budget.BudgetCommands.ID;
import static io.agentflow.domain.budget.BudgetCommands.OTHER_WORKFLOW;
import static io.agentflow.domain.budget.BudgetCommands.THIRD_WORKFLOW;
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
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.RoomMade;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetRejection.ReservationDiffers;
import io.agentflow.domain.budget.BudgetRejection.UnknownBudget;
import io.agentflow.domain.budget.BudgetRejection.UnknownReservation;
import io.agentflow.domain.workflow.WorkflowId;
import java.util.List;
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

  private static ReserveForStep attempt(
      WorkflowId workflow, String step, int attempt, long tokens) {
    return new ReserveForStep(
        ID,
        workflow,
        new StepReservation(workflow.value(), step, attempt).reservationId(),
        Spend.of(tokens, 0));
  }

  private void calls(String... reservationIds) {
    assertThat(budget.events().getLast())
        .isInstanceOfSatisfying(
            RoomMade.class,
            room -> assertThat(room.reservationIds()).containsExactly(reservationIds));
  }

  private void callsNobody() {
    assertThat(budget.events().getLast()).isNotInstanceOf(RoomMade.class);
  }

  @Test
  void a_release_or_a_settlement_calls_a_step_that_now_fits_and_its_next_attempt_asks() {
    budget.given(open(100, 100), reserve("r1", 50, 0), reserve("r2", 50, 0));
    budget.given(reserveForStep(WORKFLOW, "a", 60, 0), release("r1"));
    callsNobody();

    budget.given(settle("r2", 40, 0));
    assertThat(budget.events().getLast())
        .isEqualTo(new RoomMade(ID.value(), 60, 100, List.of(stepId(WORKFLOW, "a"))));
    budget.isAlreadySo(reserveForStep(WORKFLOW, "a", 60, 0));
    String next = attempt(WORKFLOW, "a", 2, 60).reservationId();
    budget.given(attempt(WORKFLOW, "a", 2, 60), limit(200, 100, null));
    assertThat(budget.events()).contains(new SpendReserved(ID.value(), next, 60, 0, 0, 100));
    callsNobody();
  }

  @Test
  void whoever_has_waited_longest_is_called_first_and_no_more_than_fit() {
    budget.given(open(100, 100), reserve("r1", 100, 0));
    budget.given(reserveForStep(OTHER_WORKFLOW, "a", 60, 0), reserveForStep(WORKFLOW, "a", 60, 0));
    budget.given(reserveForStep(THIRD_WORKFLOW, "a", 40, 0), release("r1"));
    calls(stepId(OTHER_WORKFLOW, "a"), stepId(THIRD_WORKFLOW, "a"));

    budget.given(attempt(OTHER_WORKFLOW, "a", 2, 60));
    callsNobody();
    budget.given(attempt(THIRD_WORKFLOW, "a", 2, 40));
    budget.given(settle(attempt(OTHER_WORKFLOW, "a", 2, 60).reservationId(), 10, 0));
    callsNobody();
    budget.given(settle(attempt(THIRD_WORKFLOW, "a", 2, 40).reservationId(), 10, 0));
    calls(stepId(WORKFLOW, "a"));
  }

  @Test
  void a_workflow_is_called_once_there_is_room_for_all_that_it_was_refused() {
    budget.given(open(10, 10), reserveForStep(WORKFLOW, "a", 20, 0));
    budget.given(reserveForStep(WORKFLOW, "b", 30, 0), limit(49, 10, null));
    callsNobody();
    budget.given(limit(50, 10, null));
    calls(stepId(WORKFLOW, "a"), stepId(WORKFLOW, "b"));
  }

  @Test
  void who_is_called_and_comes_too_late_keeps_its_place() {
    budget.given(open(60, 100), reserve("r1", 60, 0));
    budget.given(reserveForStep(OTHER_WORKFLOW, "a", 60, 0), reserveForStep(WORKFLOW, "a", 60, 0));
    budget.given(release("r1"), reserve("r2", 10, 0), attempt(OTHER_WORKFLOW, "a", 2, 60));
    callsNobody();

    budget.given(release("r2"));
    calls(attempt(OTHER_WORKFLOW, "a", 2, 60).reservationId());
  }

  @Test
  void who_does_not_want_it_any_more_leaves_its_room_to_the_next() {
    budget.given(open(60, 100), reserve("r1", 60, 0));
    budget.given(reserveForStep(OTHER_WORKFLOW, "a", 60, 0), reserveForStep(WORKFLOW, "a", 60, 0));
    budget.given(release("r1"));
    calls(stepId(OTHER_WORKFLOW, "a"));

    budget.given(release(stepId(OTHER_WORKFLOW, "a")));
    calls(stepId(WORKFLOW, "a"));
    budget.isAlreadySo(release(stepId(OTHER_WORKFLOW, "a")));
    budget.isAlreadySo(reserveForStep(OTHER_WORKFLOW, "a", 60, 0));
    budget.refuses(
        settle(stepId(WORKFLOW, "a"), 1, 0), new UnknownReservation(stepId(WORKFLOW, "a")));
  }

  @Test
  void a_new_period_calls_those_that_wait() {
    budget.given(
        openOn(rolling(BudgetPeriod.DAILY, "UTC"), "2026-05-04T12:00:00Z", 10, 10),
        reserve("r1", 10, 0),
        settle("r1", 10, 0),
        reserveForStep(WORKFLOW, "a", 1, 0),
        roll("2026-05-05T00:00:00Z"));

    calls(stepId(WORKFLOW, "a"));
  }

  @Test
  void a_slice_that_gives_back_calls_those_that_wait_at_its_parent() {
    budget.given(open(10, 10), allocate(10, 10));
    budget.given(reserveForStep(WORKFLOW, "a", 5, 0), reserveForStep(OTHER_WORKFLOW, "a", 5, 0));
    budget.given(resize(4, 4));
    calls(stepId(WORKFLOW, "a"));
    budget.given(attempt(WORKFLOW, "a", 2, 5), giveBack(0, 0));
    calls(stepId(OTHER_WORKFLOW, "a"));
  }

  @Test
  void of_very_many_that_wait_some_are_called_now_and_others_with_the_next_decision() {
    int many = WaitingSteps.CALLED_MAX + 1;
    budget.given(open(many, 100), reserve("r1", many, 0));
    for (int i = 0; i < many; i++) {
      budget.given(reserveForStep(workflow(i), "a", 1, 0));
    }
    budget.given(release("r1"));
    assertThat(((RoomMade) budget.events().getLast()).reservationIds())
        .hasSize(WaitingSteps.CALLED_MAX);
    budget.given(attempt(workflow(0), "a", 2, 1));
    calls(stepId(workflow(many - 1), "a"));
  }

  private static WorkflowId workflow(int number) {
    return new WorkflowId("018f4e6a-0000-7000-8000-%012x".formatted(number));
  }

  @Test
  void a_step_of_an_unknown_budget_is_refused() {
    budget.refuses(reserveForStep(WORKFLOW, "a", 1, 1), new UnknownBudget(ID.value()));
  }
}

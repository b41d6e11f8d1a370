package io.agentflow.application.reaction;

import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.workflow.RunCommand.AwaitBudget;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;

/** A workflow whose budget has too little left for its next step waits until there is more. */
final class WhenReservationRefusedThenAwaitBudget implements Reaction {

  @Override
  public List<Asked> on(Object event, Instant at) {
    return event instanceof ReservationRefused refused
        ? StepReservation.of(refused.reservationId()).stream()
            .map(step -> new Asked(step.workflowId(), step.workflowId(), await(refused, step)))
            .toList()
        : List.of();
  }

  private static AwaitBudget await(ReservationRefused refused, StepReservation step) {
    return new AwaitBudget(
        new WorkflowId(step.workflowId()),
        refused.budgetId(),
        step.stepId(),
        step.attempt(),
        "budget %s has %d tokens and %d micro-dollars left, %d and %d are needed"
            .formatted(
                refused.budgetId(),
                refused.remainingTokens(),
                refused.remainingMicroDollars(),
                refused.requestedTokens(),
                refused.requestedMicroDollars()));
  }
}

package io.agentflow.application.reaction;

import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.ReserveForStep;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;

/** Before a step is handed out, what it is estimated to use is set aside. */
final class WhenStepReadyThenReserveBudget implements Reaction {

  @Override
  public List<Asked> on(Object event, Instant at) {
    if (!(event instanceof StepReady ready) || ready.budgetId() == null) {
      return List.of();
    }
    String reservationId =
        new StepReservation(ready.workflowId(), ready.stepId(), ready.attempt()).reservationId();
    return List.of(
        new Asked(
            ready.budgetId(),
            reservationId,
            new ReserveForStep(
                new BudgetId(ready.budgetId()),
                new WorkflowId(ready.workflowId()),
                reservationId,
                new Spend(ready.estimatedTokens(), ready.estimatedMicroDollars()))));
  }
}

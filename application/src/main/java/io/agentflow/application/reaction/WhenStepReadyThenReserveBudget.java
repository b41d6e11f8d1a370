package io.agentflow.application.reaction;

import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.ReserveForStep;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.workflow.RunCommand.AwaitBudget;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;

/**
 * Before a step is handed out, what it is estimated to use is set aside; where its budget takes no
 * reservation at all, the workflow waits and says so.
 */
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
                new Spend(ready.estimatedTokens(), ready.estimatedMicroDollars())),
            await(ready, ready.budgetId())));
  }

  /** A budget that is closed, or was never opened, gives nothing to anybody. */
  private static Asked await(StepReady ready, String budgetId) {
    return new Asked(
        ready.workflowId(),
        ready.workflowId(),
        new AwaitBudget(
            new WorkflowId(ready.workflowId()),
            budgetId,
            ready.stepId(),
            ready.attempt(),
            "budget %s is closed or was never opened, and gives nothing any more; cancel this workflow"
                .formatted(budgetId)));
  }
}

package io.agentflow.application.reaction;

import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.workflow.RunCommand.PauseWorkflow;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;

/** A workflow whose budget has too little left for its next step waits until there is more. */
final class WhenReservationRefusedThenPauseWorkflow implements Reaction {

  @Override
  public List<Asked> on(Object event, Instant at) {
    if (!(event instanceof ReservationRefused refused)) {
      return List.of();
    }
    return List.of(
        new Asked(
            refused.workflowId(),
            refused.workflowId(),
            new PauseWorkflow(
                new WorkflowId(refused.workflowId()),
                "budget %s has %d tokens and %d micro-dollars left, %d and %d are needed"
                    .formatted(
                        refused.budgetId(),
                        refused.remainingTokens(),
                        refused.remainingMicroDollars(),
                        refused.requestedTokens(),
                        refused.requestedMicroDollars()),
                refused.budgetId())));
  }
}

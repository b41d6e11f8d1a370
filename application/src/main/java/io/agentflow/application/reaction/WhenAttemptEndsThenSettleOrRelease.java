package io.agentflow.application.reaction;

import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When an attempt ends, what it used is spent, and what it did not use is free again. */
final class WhenAttemptEndsThenSettleOrRelease implements Reaction {

  @Override
  public List<Asked> on(Object event, Instant at) {
    return switch (event) {
      case StepCompleted done ->
          ended(
              done.budgetId(),
              done.workflowId(),
              done.stepId(),
              done.attempt(),
              new Spend(done.tokens(), done.microDollars()));
      case StepFailed failed ->
          ended(
              failed.budgetId(),
              failed.workflowId(),
              failed.stepId(),
              failed.attempt(),
              new Spend(failed.tokens(), failed.microDollars()));
      case StepCancelled cancelled ->
          ended(
              cancelled.budgetId(),
              cancelled.workflowId(),
              cancelled.stepId(),
              cancelled.attempt(),
              Spend.NONE);
      default -> List.of();
    };
  }

  private static List<Asked> ended(
      @Nullable String budgetId, String workflowId, String stepId, int attempt, Spend used) {
    if (budgetId == null) {
      return List.of();
    }
    String reservationId = new StepReservation(workflowId, stepId, attempt).reservationId();
    BudgetId id = new BudgetId(budgetId);
    return List.of(
        new Asked(
            budgetId,
            reservationId,
            used.equals(Spend.NONE)
                ? new ReleaseReservation(id, reservationId)
                : new SettleReservation(id, reservationId, used)));
  }
}

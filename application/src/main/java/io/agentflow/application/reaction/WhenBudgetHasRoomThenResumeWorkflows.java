package io.agentflow.application.reaction;

import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetEvent.LimitChanged;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetEvent.SliceChanged;
import io.agentflow.domain.budget.BudgetEvent.SliceReturned;
import io.agentflow.domain.workflow.RunCommand.ResumeWorkflow;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;

/** Workflows that waited for a budget go on when it has room again. */
final class WhenBudgetHasRoomThenResumeWorkflows implements Reaction {

  @Override
  public List<Asked> on(Object event, Instant at) {
    return switch (event) {
      case LimitChanged changed -> resume(changed, changed.waitingWorkflowIds(), at);
      case PeriodRolled rolled -> resume(rolled, rolled.waitingWorkflowIds(), at);
      case SliceChanged changed -> resume(changed, changed.waitingWorkflowIds(), at);
      case SliceReturned returned -> resume(returned, returned.waitingWorkflowIds(), at);
      default -> List.of();
    };
  }

  private static List<Asked> resume(BudgetEvent event, List<String> workflowIds, Instant at) {
    return workflowIds.stream()
        .map(
            workflowId ->
                new Asked(
                    workflowId,
                    workflowId,
                    new ResumeWorkflow(new WorkflowId(workflowId), event.budgetId(), at)))
        .toList();
  }
}

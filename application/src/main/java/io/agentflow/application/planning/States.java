package io.agentflow.application.planning;

import io.agentflow.application.WhoAndWhy;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget;
import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import java.util.List;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What is so now, folded from the log, where a command needs to know it beforehand. */
@Component
class States {

  private final EventStore eventStore;

  States(EventStore eventStore) {
    this.eventStore = eventStore;
  }

  /**
   * The workflow as it is.
   *
   * @throws NotInTenant when the tenant has none under this id
   */
  Workflow workflow(String tenantId, String workflowId) {
    return Workflow.fold(history(tenantId, workflowId));
  }

  /**
   * All that happened to the workflow.
   *
   * @throws NotInTenant when the tenant has none under this id
   */
  List<WorkflowEvent> history(String tenantId, String workflowId) {
    List<WorkflowEvent> history =
        events(tenantId, workflowId).stream()
            .filter(WorkflowEvent.class::isInstance)
            .map(WorkflowEvent.class::cast)
            .toList();
    if (history.isEmpty()) {
      throw new NotInTenant("workflow", workflowId);
    }
    return history;
  }

  /** What a budget has left; null where there is none, or none any more. */
  @Nullable Spend remaining(String tenantId, @Nullable BudgetId budgetId) {
    return budgetId != null && budget(tenantId, budgetId.value()) instanceof Budget.Open open
        ? open.remaining()
        : null;
  }

  private Budget budget(String tenantId, String budgetId) {
    Budget budget = Budget.initial();
    for (Object event : events(tenantId, budgetId)) {
      if (event instanceof BudgetEvent of) {
        budget = Budget.evolve(budget, of);
      }
    }
    return budget;
  }

  private List<Object> events(String tenantId, String aggregateId) {
    return eventStore
        .readEvents(aggregateId, 0)
        .asStream()
        .filter(event -> tenantId.equals(event.getMetaData().get(WhoAndWhy.TENANT_ID)))
        .<Object>map(DomainEventMessage::getPayload)
        .toList();
  }
}

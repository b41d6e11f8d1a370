package io.agentflow.application.workflow;

import io.agentflow.application.access.WorkflowRequest;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How clients describe a workflow.
 *
 * @param workflowId theirs, so that they can ask again; a new one where they bring none
 */
public record CreateRequest(
    @Nullable String workflowId,
    String name,
    String intent,
    @Nullable String agentId,
    @Nullable String budgetId,
    @Nullable Map<String, String> labels)
    implements WorkflowRequest {

  @Override
  public Scope scope() {
    return labels == null ? Scope.TENANT : Scope.ofLabels(labels);
  }

  /**
   * The command, under the client's id or a new one.
   *
   * @throws io.agentflow.domain.InvalidField when a field is missing or not what it has to be
   */
  public CreateWorkflow command() {
    return new CreateWorkflow(
        new WorkflowId(Commands.idOr(workflowId)),
        name,
        intent,
        agentId == null ? null : new AgentId(agentId),
        budgetId == null ? null : new BudgetId(budgetId),
        labels == null ? Map.of() : labels);
  }
}

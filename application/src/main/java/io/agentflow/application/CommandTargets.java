package io.agentflow.application;

import io.agentflow.domain.agent.AgentCommand;
import io.agentflow.domain.budget.BudgetCommand;
import io.agentflow.domain.schedule.ScheduleCommand;
import io.agentflow.domain.tenant.TenantCommand;
import io.agentflow.domain.workflow.WorkflowCommand;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.modelling.command.CommandTargetResolver;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;

/** Says which aggregate a command is for, so that commands need no annotation of Axon's. */
public final class CommandTargets implements CommandTargetResolver {

  @Override
  public VersionedAggregateIdentifier resolveTarget(CommandMessage<?> message) {
    Object id =
        switch (message.getPayload()) {
          case WorkflowCommand command -> command.workflowId().value();
          case AgentCommand command -> command.agentId().value();
          case BudgetCommand command -> command.budgetId().value();
          case ScheduleCommand command -> command.scheduleId().value();
          case TenantCommand command -> command.tenantId().aggregateId();
          default ->
              throw new IllegalArgumentException(
                  "no aggregate takes a " + message.getPayloadType().getName());
        };
    return new VersionedAggregateIdentifier(id, null);
  }
}

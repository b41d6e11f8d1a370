package io.agentflow.application.workflow;

import io.agentflow.application.Decided;
import io.agentflow.application.TenantFence;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowCommand.CompleteWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.FailWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolCall;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolResult;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateRoot;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** Axon's side of a workflow: which commands there are. {@link Workflow} decides. */
@AggregateRoot(type = WorkflowAggregate.TYPE)
public class WorkflowAggregate extends TenantFence {

  static final String TYPE = "workflow";

  @AggregateIdentifier private @Nullable String workflowId;
  private Workflow workflow = Workflow.initial();

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(CreateWorkflow command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(StartWorkflow command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(RecordMessage command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(RecordToolCall command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(RecordToolResult command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(CompleteWorkflow command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(FailWorkflow command) {
    return decide(command);
  }

  private Decided decide(WorkflowCommand command) {
    return Decided.apply(Workflow.decide(command, workflow));
  }

  @EventSourcingHandler
  void on(WorkflowEvent event, MetaData metadata) {
    ownedBy(metadata);
    workflowId = event.workflowId();
    workflow = Workflow.evolve(workflow, event);
  }

  @Override
  protected @Nullable String aggregateId() {
    return workflowId;
  }
}

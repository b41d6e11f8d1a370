package io.agentflow.application.workflow;

import io.agentflow.application.Decided;
import io.agentflow.application.TenantFence;
import io.agentflow.domain.workflow.RunCommand.AnswerStep;
import io.agentflow.domain.workflow.RunCommand.AskBudgetAgain;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.AwaitBudget;
import io.agentflow.domain.workflow.RunCommand.CancelWorkflow;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.DelegateApproval;
import io.agentflow.domain.workflow.RunCommand.DenyApproval;
import io.agentflow.domain.workflow.RunCommand.EndBackoff;
import io.agentflow.domain.workflow.RunCommand.EndWait;
import io.agentflow.domain.workflow.RunCommand.ExpireApproval;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.GiveBackStep;
import io.agentflow.domain.workflow.RunCommand.GrantApproval;
import io.agentflow.domain.workflow.RunCommand.LoseLease;
import io.agentflow.domain.workflow.RunCommand.PauseWorkflow;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunCommand.RemindApproval;
import io.agentflow.domain.workflow.RunCommand.ReportProgress;
import io.agentflow.domain.workflow.RunCommand.ResumeWorkflow;
import io.agentflow.domain.workflow.RunCommand.RetryStep;
import io.agentflow.domain.workflow.RunCommand.ReuseResults;
import io.agentflow.domain.workflow.RunCommand.SendSignal;
import io.agentflow.domain.workflow.RunCommand.TimeOutStep;
import io.agentflow.domain.workflow.RunCommand.TimeOutWorkflow;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowCommand.CompleteWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.FailWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.LaunchWorkflow;
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

  public static final String TYPE = "workflow";

  @AggregateIdentifier private @Nullable String workflowId;
  private Workflow workflow = Workflow.initial();

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(CreateWorkflow command) {
    return decide(command);
  }

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(LaunchWorkflow command) {
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

  @CommandHandler
  Decided handle(ProposePlan command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ReuseResults command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ReportProgress command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(CompleteStep command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(FailStep command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(GiveBackStep command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(LoseLease command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(TimeOutStep command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(EndBackoff command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(EndWait command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(TimeOutWorkflow command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(SendSignal command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(PauseWorkflow command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ResumeWorkflow command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(AwaitBudget command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(AskBudgetAgain command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(CancelWorkflow command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(RetryStep command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(GrantApproval command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(DenyApproval command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(DelegateApproval command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ExpireApproval command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(RemindApproval command) {
    return decide(command);
  }

  /** Whoever takes a lease is told all that the step needs to know. */
  @CommandHandler
  Leased handle(AssignStep command) {
    Decided decided = decide(command);
    return new Leased(decided, Lease.of(workflow, command.leaseToken()));
  }

  @CommandHandler
  Leased handle(AnswerStep command) {
    Decided decided = decide(command);
    return new Leased(decided, Lease.of(workflow, command.next().leaseToken()));
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

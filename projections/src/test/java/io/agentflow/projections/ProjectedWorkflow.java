package io.agentflow.projections;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.domain.workflow.WorkflowRejection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;

/** A workflow of a test: commands are decided, and the tables are told what follows. */
final class ProjectedWorkflow {

  private final TestTables tables;
  private final String tenantId;
  private final WorkflowId id;
  private final List<TrackedEventMessage<WorkflowEvent>> messages = new ArrayList<>();
  private Workflow state = Workflow.initial();

  ProjectedWorkflow(TestTables tables, String tenantId, WorkflowId id) {
    this.tables = tables;
    this.tenantId = tenantId;
    this.id = id;
  }

  WorkflowId id() {
    return id;
  }

  Workflow state() {
    return state;
  }

  List<WorkflowEvent> events() {
    return messages.stream().map(TrackedEventMessage::getPayload).toList();
  }

  /** Carries out commands that have to be accepted. */
  ProjectedWorkflow given(WorkflowCommand... commands) {
    for (WorkflowCommand command : commands) {
      assertThat(when(command)).as("given %s", command).isInstanceOf(Accepted.class);
    }
    return this;
  }

  Decision<WorkflowEvent, WorkflowRejection> when(WorkflowCommand command) {
    Decision<WorkflowEvent, WorkflowRejection> decision = Workflow.decide(command, state);
    if (decision instanceof Accepted<WorkflowEvent, WorkflowRejection>(var events)) {
      for (WorkflowEvent event : events) {
        state = Workflow.evolve(state, event);
        messages.add(message(event));
        tables.project(messages.getLast());
      }
    }
    return decision;
  }

  private TrackedEventMessage<WorkflowEvent> message(WorkflowEvent event) {
    return new GenericTrackedDomainEventMessage<>(
        new GlobalSequenceTrackingToken(tables.nextPosition()),
        new GenericDomainEventMessage<>(
            "Workflow", id.value(), messages.size(), event, Map.of("tenantId", tenantId)));
  }

  /** Tells the tables everything once more. */
  void projectAgain() {
    messages.forEach(tables::project);
  }
}

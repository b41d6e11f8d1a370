package io.agentflow.application.planning;

import io.agentflow.application.access.WorkflowRequest;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.work.Workers;
import io.agentflow.application.workflow.CreateRequest;
import io.agentflow.domain.Checks;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.LaunchWorkflow;
import java.time.Clock;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * Describes, plans and starts a workflow in one go: all of it is recorded, or nothing. A plan that
 * people have to approve first is refused; it takes the three steps one by one.
 */
@RestController
class LaunchHttp {

  private final Commands commands;
  private final States states;
  private final Workers workers;
  private final Clock clock;

  LaunchHttp(Commands commands, States states, Workers workers, Clock clock) {
    this.commands = commands;
    this.states = states;
    this.workers = workers;
    this.clock = clock;
  }

  record LaunchRequest(CreateRequest workflow, JsonNode plan) implements WorkflowRequest {

    @Override
    public Scope scope() {
      return Checks.present("workflow", workflow).scope();
    }
  }

  /**
   * Describes, plans and starts a workflow in one go: all of it is recorded, or nothing. A plan
   * that people have to approve first is refused.
   */
  @PostMapping("/v1/workflows/launch")
  ResponseEntity<CommandAnswer> launch(
      @RequestAttribute Caller caller, @RequestBody LaunchRequest request)
      throws InterruptedException {
    CreateWorkflow create = Checks.present("workflow", request.workflow()).command();
    PlanFacts facts =
        workers.planFacts(
            caller.tenantId(), states.remaining(caller.tenantId(), create.budgetId()));
    PlanDefinition plan = PlanDefinition.read(Checks.present("plan", request.plan()), facts);
    return commands.create(
        caller,
        create.workflowId().value(),
        new LaunchWorkflow(
            create,
            new ProposePlan(
                create.workflowId(),
                plan.plan(),
                plan.autonomy(),
                plan.timeoutMillis(),
                facts,
                caller.actor(),
                clock.instant())));
  }
}

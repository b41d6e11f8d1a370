package io.agentflow.application.planning;

import io.agentflow.application.CommandRejected;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.work.Workers;
import io.agentflow.domain.Checks;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunCommand.ReuseResults;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.domain.workflow.WorkflowRejection;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * Proposes plans and shows them, and starts the work of another workflow again from one of its
 * steps.
 */
@RestController
@RequestMapping("/v1/workflows/{workflowId}")
class PlanHttp {

  private static final long NO_VERSION = -1;

  private final Commands commands;
  private final States states;
  private final Workers workers;
  private final Clock clock;

  PlanHttp(Commands commands, States states, Workers workers, Clock clock) {
    this.commands = commands;
    this.states = states;
    this.workers = workers;
    this.clock = clock;
  }

  record RestartRequest(@Nullable String workflowId, String fromStepId) {}

  /**
   * Proposes a plan, which is carried out once it is approved; at once where its autonomy mode asks
   * nobody. All faults of a plan are told together.
   */
  @PostMapping("/plan")
  ResponseEntity<CommandAnswer> proposePlan(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody JsonNode definition)
      throws InterruptedException {
    WorkflowId id = new WorkflowId(workflowId);
    WorkflowCreated description =
        Workflow.descriptionOf(states.workflow(caller.tenantId(), workflowId));
    String budgetId = description == null ? null : description.budgetId();
    PlanFacts facts =
        workers.planFacts(
            caller.tenantId(),
            states.remaining(caller.tenantId(), budgetId == null ? null : new BudgetId(budgetId)));
    PlanDefinition read = PlanDefinition.read(definition, facts);
    return commands.change(
        caller,
        workflowId,
        new ProposePlan(
            id,
            read.plan(),
            read.autonomy(),
            read.timeoutMillis(),
            facts,
            caller.actor(),
            clock.instant()));
  }

  /**
   * Shows a version of the plan: what is carried out, or was proposed and waits for its approval;
   * or any other.
   */
  @GetMapping("/plan")
  PlanVersion getPlan(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestParam(required = false) @Nullable Integer version) {
    return PlanVersion.of(states.history(caller.tenantId(), workflowId), version)
        .orElseThrow(
            () ->
                new NotInTenant(
                    version == null
                        ? "plan of workflow"
                        : "version %d of the plan of workflow".formatted(version),
                    workflowId));
  }

  /**
   * Begins a new workflow that goes on where this one stood: its plan is the same, the steps that
   * do not depend on the given one keep their results, and its history names its origin. Under the
   * id that the client brings, it may be asked again.
   */
  @PostMapping("/restart")
  ResponseEntity<CommandAnswer> restart(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestBody RestartRequest request) {
    WorkflowId originId = new WorkflowId(workflowId);
    Checks.localId("fromStepId", request.fromStepId());
    Workflow origin = states.workflow(caller.tenantId(), workflowId);
    WorkflowCreated description = Workflow.descriptionOf(origin);
    PlanRun.Version version = Workflow.runOf(origin).current();
    if (description == null || version == null) {
      throw new CommandRejected(new WorkflowRejection.NoPlan(), NO_VERSION);
    }
    if (version.plan().step(request.fromStepId()).isEmpty()) {
      throw new CommandRejected(
          new WorkflowRejection.UnknownStep(request.fromStepId()), NO_VERSION);
    }
    WorkflowId id = new WorkflowId(Commands.idOr(request.workflowId()));
    // First of all: what cannot be taken over must not leave a workflow that was only created.
    ReuseResults reuse =
        new ReuseResults(
            id,
            originId,
            request.fromStepId(),
            Workflow.runOf(origin).resultsKeptFrom(request.fromStepId()));
    Caller meanwhile = caller.meanwhile();
    commands.create(
        meanwhile,
        id.value(),
        new CreateWorkflow(
            id,
            description.name(),
            description.intent(),
            description.agentId() == null ? null : new AgentId(description.agentId()),
            description.budgetId() == null ? null : new BudgetId(description.budgetId()),
            description.labels()));
    commands.send(
        meanwhile,
        id.value(),
        new ProposePlan(
            id,
            version.plan(),
            version.autonomy(),
            version.timeoutMillis(),
            workers.planFactsOfOld(),
            caller.actor(),
            clock.instant()));
    commands.send(meanwhile, id.value(), reuse);
    return commands.create(caller, id.value(), new StartWorkflow(id, clock.instant()));
  }
}

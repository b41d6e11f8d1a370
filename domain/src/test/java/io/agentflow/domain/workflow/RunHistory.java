package io.agentflow.domain.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Histories;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.StepDraft;
import io.agentflow.domain.workflow.Approval.Outcome;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.EndBackoff;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.GrantApproval;
import io.agentflow.domain.workflow.RunCommand.LoseLease;
import io.agentflow.domain.workflow.RunCommand.PauseWorkflow;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunCommand.ResumeWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.LaunchWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A workflow that carries out a plan, in a test: who does what, and when. */
final class RunHistory {

  static final WorkflowId ID = new WorkflowId("018f4e6a-0000-7000-8000-000000000001");
  static final AgentId AGENT = new AgentId("018f4e6a-0000-7000-8000-0000000000a1");
  static final BudgetId BUDGET = new BudgetId("018f4e6a-0000-7000-8000-0000000000b2");
  static final long LEASE_MILLIS = 30_000;
  static final long TIMEOUT_MILLIS_DEFAULT = 600_000;

  /** Who proposes plans here. */
  static final String PLANNER = "planner";

  private final Histories<WorkflowCommand, WorkflowEvent, Workflow, WorkflowRejection> workflow =
      new Histories<>(Workflow.initial(), Workflow::decide, Workflow::evolve);
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");

  /** Nothing has happened yet. */
  static RunHistory absent() {
    return new RunHistory();
  }

  static RunHistory created() {
    RunHistory history = new RunHistory();
    history.does(create(null));
    return history;
  }

  static RunHistory createdWithBudget() {
    RunHistory history = new RunHistory();
    history.does(create(BUDGET));
    return history;
  }

  private static CreateWorkflow create(@Nullable BudgetId budgetId) {
    return new CreateWorkflow(ID, "run", "ship it", null, budgetId, Map.of());
  }

  LaunchWorkflow launch(AutonomyMode mode, Plan plan) {
    return new LaunchWorkflow(create(null), propose(mode, plan));
  }

  /** Runs by this plan, without asking anybody. */
  static RunHistory running(StepDraft... steps) {
    return created().startedWith(AutonomyMode.FULL_AUTO, steps);
  }

  RunHistory startedWith(AutonomyMode mode, StepDraft... steps) {
    does(propose(mode, StepDraft.plan(steps)));
    does(start());
    return this;
  }

  ProposePlan propose(AutonomyMode mode, Plan plan) {
    return propose(mode, plan, 0);
  }

  ProposePlan propose(AutonomyMode mode, Plan plan, long timeoutMillis) {
    return new ProposePlan(ID, plan, mode, timeoutMillis, PlanFacts.NONE, PLANNER, now);
  }

  StartWorkflow start() {
    return new StartWorkflow(ID, now);
  }

  PauseWorkflow pause() {
    return new PauseWorkflow(ID, "lunch");
  }

  ResumeWorkflow resume() {
    return new ResumeWorkflow(ID, now);
  }

  /** Carries out what has to be accepted; answers what became true. */
  List<WorkflowEvent> does(WorkflowCommand command) {
    int before = workflow.events().size();
    assertThat(workflow.when(command)).as("%s", command).isInstanceOf(Accepted.class);
    return List.copyOf(workflow.events().subList(before, workflow.events().size()));
  }

  void refuses(WorkflowCommand command, WorkflowRejection reason) {
    workflow.refuses(command, reason);
  }

  void isAlreadySo(WorkflowCommand command) {
    workflow.isAlreadySo(command);
  }

  RunHistory later(long millis) {
    now = now.plusMillis(millis);
    return this;
  }

  Instant now() {
    return now;
  }

  Workflow state() {
    return workflow.state();
  }

  List<WorkflowEvent> events() {
    return workflow.events();
  }

  <E extends WorkflowEvent> List<E> events(Class<E> type) {
    return workflow.events().stream().filter(type::isInstance).map(type::cast).toList();
  }

  <E extends WorkflowEvent> E last(Class<E> type) {
    return events(type).getLast();
  }

  String phase() {
    return workflow.state().phase();
  }

  PlanRun run() {
    return Workflow.runOf(workflow.state());
  }

  Step step(String stepId) {
    return run().step(stepId);
  }

  Step.Phase phaseOf(String stepId) {
    return step(stepId).phase();
  }

  /** The lease that the step's last attempt has, or would have. */
  String lease(String stepId) {
    return "lease-%s-%d".formatted(stepId, step(stepId).attempt());
  }

  AssignStep assign(String stepId) {
    return assign(stepId, AutonomyMode.FULL_AUTO);
  }

  AssignStep assign(String stepId, AutonomyMode agentMode) {
    int attempt = step(stepId).attempt();
    return new AssignStep(
        ID,
        stepId,
        attempt,
        AGENT,
        agentMode,
        ID.value() + ":" + stepId + ":" + attempt,
        lease(stepId),
        LEASE_MILLIS,
        TIMEOUT_MILLIS_DEFAULT,
        now);
  }

  CompleteStep complete(String stepId) {
    return complete(stepId, lease(stepId), stepId + " is done");
  }

  CompleteStep complete(String stepId, String leaseToken, String result) {
    return new CompleteStep(ID, stepId, leaseToken, result, Spend.of(10, 20), now);
  }

  FailStep fail(String stepId) {
    return fail(stepId, true);
  }

  FailStep fail(String stepId, boolean retryable) {
    return new FailStep(ID, stepId, lease(stepId), "it broke", retryable, Spend.of(10, 20), now);
  }

  LoseLease lose(String stepId) {
    return new LoseLease(ID, stepId, lease(stepId), now);
  }

  EndBackoff endBackoff(String stepId) {
    return new EndBackoff(ID, stepId, step(stepId).attempt() + 1, now);
  }

  /** A worker takes each of these steps and completes it. */
  RunHistory completes(String... stepIds) {
    for (String stepId : stepIds) {
      does(assign(stepId));
      does(complete(stepId));
    }
    return this;
  }

  /** A worker takes the step and fails it for good or for a retry, as its plan says. */
  List<WorkflowEvent> fails(String stepId) {
    does(assign(stepId));
    return does(fail(stepId));
  }

  Approval approval(String approvalId) {
    return Objects.requireNonNull(run().approvals().get(approvalId), approvalId);
  }

  /** The one approval that is open. */
  Approval openApproval() {
    List<Approval> open =
        run().approvals().asMap().values().stream()
            .filter(approval -> approval.outcome() == Outcome.OPEN)
            .toList();
    assertThat(open).hasSize(1);
    return open.getFirst();
  }

  GrantApproval grant(String by, String... roles) {
    ApprovalEvent.ApprovalRequested request = openApproval().request();
    return new GrantApproval(ID, request.approvalId(), by, List.of(roles), request.digest(), now);
  }
}

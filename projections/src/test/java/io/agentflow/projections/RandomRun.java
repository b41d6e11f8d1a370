package io.agentflow.projections;

import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.Role;
import io.agentflow.domain.workflow.RunCommand.AskBudgetAgain;
import io.agentflow.domain.workflow.RunCommand.AskBudgetAgain.Refused;
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
import io.agentflow.domain.workflow.RunEvent.StepResult;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What workers, people and timers ask of a workflow, drawn by a seed; much of it is refused. */
final class RandomRun {

  private static final List<String> STEPS =
      List.of("collect", "parse", "hold", "sign", "send", "report");
  private static final List<String> PEOPLE = List.of("ann", "bob", "eve", "planner");
  private static final AgentId AGENT = new AgentId("018f4e6a-0000-7000-8000-0000000000a1");
  private static final WorkflowId ORIGIN = new WorkflowId("018f4e6a-0000-7000-8000-0000000000b1");
  private static final BudgetId BUDGET = new BudgetId("018f4e6a-0000-7000-8000-0000000000c1");

  private final Random random;
  private final WorkflowId id;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private int drawn;

  RandomRun(long seed, WorkflowId id) {
    this.random = new Random(seed);
    this.id = id;
  }

  CreateWorkflow create() {
    return new CreateWorkflow(id, "run", "do it", null, BUDGET, Map.of());
  }

  WorkflowCommand next(Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    now = now.plusMillis(random.nextInt(4_000));
    drawn++;
    String stepId = step(run);
    String lease = held(run, stepId);
    return switch (random.nextInt(workflow instanceof Workflow.Created ? 6 : 40)) {
      case 0 -> propose();
      case 1, 2 -> new StartWorkflow(id, now);
      case 3 -> reuse();
      case 4, 5 -> grant(run);
      case 6 ->
          random.nextInt(4) == 0 ? new CancelWorkflow(id, "not wanted", now) : assign(run, stepId);
      case 7 -> new TimeOutWorkflow(id, random.nextInt(9) == 0 ? now : Instant.EPOCH);
      case 8, 9, 10, 11 -> grant(run);
      case 12 -> new DenyApproval(id, approval(run), one(PEOPLE), List.of("lead"), "no", now);
      case 13 -> new DelegateApproval(id, approval(run), one(PEOPLE), List.of(), "zoe", now);
      case 14 -> new ExpireApproval(id, approval(run), now);
      case 15 -> new RemindApproval(id, approval(run), now);
      case 16 -> new SendSignal(id, "s" + drawn, random.nextBoolean() ? "go" : "no", "p", now);
      case 17 -> new PauseWorkflow(id, "lunch");
      case 18 -> new ResumeWorkflow(id, now);
      case 19 ->
          random.nextBoolean()
              ? new AwaitBudget(id, BUDGET.value(), stepId, run.step(stepId).attempt(), "empty")
              : new AskBudgetAgain(
                  id,
                  BUDGET.value(),
                  List.of(new Refused(stepId, run.step(stepId).attempt())),
                  now);
      case 20, 21 -> new RetryStep(id, stepId, now);
      case 22 -> new EndBackoff(id, stepId, run.step(stepId).attempt(), now);
      case 23 -> new EndWait(id, stepId, now);
      case 24 ->
          random.nextBoolean()
              ? new LoseLease(id, stepId, lease, now)
              : new GiveBackStep(id, stepId, lease, spend(), now);
      case 25 -> new TimeOutStep(id, stepId, lease, now);
      case 26 -> new ReportProgress(id, stepId, lease, "halfway", 50);
      case 27, 28 -> new FailStep(id, stepId, lease, "broken", random.nextBoolean(), spend(), now);
      case 29 ->
          new RecordMessage(id, "m" + drawn, Role.USER, "ann", "bot", "hello", spend(), null);
      case 30, 31, 32, 33 -> new CompleteStep(id, stepId, lease, "done", spend(), now);
      default -> assign(run, stepId);
    };
  }

  /** Mostly one that is under way: nobody asks much of the others. */
  private String step(PlanRun run) {
    List<String> underWay =
        STEPS.stream()
            .filter(
                id ->
                    switch (run.step(id).phase()) {
                      case UNFUNDED, READY, ASSIGNED, BACKING_OFF, TIMED, FAILED -> true;
                      case WAITING, ASKING, COMPLETED, SKIPPED, CANCELLED, UNDONE -> false;
                    })
            .toList();
    return underWay.isEmpty() || random.nextInt(5) == 0 ? one(STEPS) : one(underWay);
  }

  private ProposePlan propose() {
    return new ProposePlan(
        id,
        random.nextInt(3) == 0 ? TestPlans.SHORT : TestPlans.LONG,
        random.nextBoolean() ? AutonomyMode.FULL_AUTO : one(List.of(AutonomyMode.values())),
        random.nextBoolean() ? 0 : 60_000,
        PlanFacts.NONE,
        "planner",
        now);
  }

  private ReuseResults reuse() {
    return new ReuseResults(id, ORIGIN, "parse", List.of(new StepResult("collect", "before")));
  }

  private GrantApproval grant(PlanRun run) {
    String approvalId = approval(run);
    var approval = run.approvals().get(approvalId);
    return new GrantApproval(
        id,
        approvalId,
        one(PEOPLE),
        List.of("lead"),
        approval == null ? "none" : approval.request().digest(),
        now);
  }

  private AssignStep assign(PlanRun run, String stepId) {
    AutonomyMode mode = random.nextInt(4) == 0 ? AutonomyMode.RISK_BASED : AutonomyMode.FULL_AUTO;
    return new AssignStep(
        id,
        stepId,
        run.step(stepId).attempt(),
        AGENT,
        mode,
        new StepReservation(id.value(), stepId, run.step(stepId).attempt()).reservationId(),
        "lease-" + drawn,
        30_000,
        0,
        now);
  }

  private String approval(PlanRun run) {
    List<String> ids = run.approvals().asMap().keySet().stream().sorted().toList();
    return ids.isEmpty() ? "none" : one(ids);
  }

  private static String held(PlanRun run, String stepId) {
    String token = run.step(stepId).leaseToken();
    return token == null ? "none" : token;
  }

  private Spend spend() {
    return new Spend(random.nextInt(10), random.nextInt(100));
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}

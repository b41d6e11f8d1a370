package io.agentflow.domain.workflow;

import static io.agentflow.domain.workflow.RunHistory.AGENT;
import static io.agentflow.domain.workflow.RunHistory.BUDGET;
import static io.agentflow.domain.workflow.RunHistory.ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.Approval.Outcome;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.RunCommand.AnswerStep;
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
import io.agentflow.domain.workflow.RunCommand.TakeNext;
import io.agentflow.domain.workflow.RunCommand.TimeOutStep;
import io.agentflow.domain.workflow.RunCommand.TimeOutWorkflow;
import io.agentflow.domain.workflow.RunEvent.StepResult;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.LaunchWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Any plan, whatever is asked of it by whomever and however often: no run breaks a rule, and each
 * comes to an end once it is served.
 */
class RandomRunsTest {

  private static final int RUNS = 400;
  private static final int DISTURBANCES_MAX = 120;
  private static final int SERVICES_MAX = 20_000;
  private static final List<String> CROWD =
      List.of("ada", "bob", "cem", "dan", "eve", RunHistory.PLANNER);

  @Test
  void no_run_breaks_a_rule_and_each_comes_to_an_end_once_it_is_served() {
    long seed = new Random().nextLong();
    Map<String, Integer> ends = new TreeMap<>();
    for (int run = 0; run < RUNS; run++) {
      Chaos chaos = new Chaos(seed + run);
      try {
        chaos.live();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + (seed + run) + ": " + e.getMessage(), e);
      }
      ends.merge(chaos.workflow.phase(), 1, Integer::sum);
    }
    assertThat(ends).containsOnlyKeys("cancelled", "completed", "failed");
  }

  /** What happened, happened: an event is taken in any state, also one that it never comes in. */
  @Test
  void no_state_refuses_an_event() {
    long seed = new Random().nextLong();
    List<WorkflowEvent> events = new ArrayList<>();
    List<Workflow> states = new ArrayList<>();
    for (int run = 0; run < 20; run++) {
      Chaos chaos = new Chaos(seed + run);
      chaos.live();
      events.addAll(chaos.events);
      Workflow state = Workflow.initial();
      for (WorkflowEvent event : chaos.events) {
        states.add(state);
        state = Workflow.evolve(state, event);
      }
    }
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      Workflow state = states.get(random.nextInt(states.size()));
      WorkflowEvent event = events.get(random.nextInt(events.size()));
      assertThat(Workflow.evolve(state, event)).as("seed %d: %s", seed, event).isNotNull();
    }
  }

  /** What was recorded of a run, drawn by a seed, that came to its end. */
  static List<WorkflowEvent> lived(long seed) {
    Chaos chaos = new Chaos(seed);
    chaos.live();
    return List.copyOf(chaos.events);
  }

  /** One run: it is disturbed for a while, then served until it ends. */
  private static final class Chaos {

    private final Random random;
    private final RandomPlans plans;

    /** Whether no worker of this run ever answers. */
    private final boolean vanishing;

    private final RunWatch watch = new RunWatch();
    private final List<WorkflowEvent> events = new ArrayList<>();
    private final List<String> tokens = new ArrayList<>(List.of("foreign"));
    private final List<WorkflowCommand> sent = new ArrayList<>();
    private Workflow workflow = Workflow.initial();
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private int ids;

    Chaos(long seed) {
      random = new Random(seed);
      plans = new RandomPlans(random);
      vanishing = plans.oneIn(10);
    }

    void live() {
      CreateWorkflow create =
          new CreateWorkflow(ID, "run", "", null, plans.oneIn(2) ? BUDGET : null, Map.of());
      if (plans.oneIn(4)) {
        send(new LaunchWorkflow(create, propose(plans.plan())));
      }
      send(create);
      send(propose(plans.plan()));
      int disturbances = random.nextInt(DISTURBANCES_MAX);
      for (int i = 0; i < disturbances; i++) {
        now = now.plusMillis(plans.oneIn(3) ? random.nextInt(30_000) : 0);
        if (plans.oneIn(3)) {
          serve();
        } else {
          send(plans.oneIn(8) && !sent.isEmpty() ? plans.anyOf(sent) : any());
        }
      }
      int retries = random.nextInt(3);
      int services = 0;
      while (!(workflow instanceof Workflow.Finished) || retries-- > 0) {
        if (workflow instanceof Workflow.Finished) {
          run().planned(step -> step.phase() == Phase.FAILED).stream()
              .findFirst()
              .ifPresent(step -> send(new RetryStep(ID, step.stepId(), now)));
        } else {
          serve();
        }
        assertThat(++services).as("it ends").isLessThan(SERVICES_MAX);
      }
      assertThat(watch.isOver()).isTrue();
      assertFolded();
    }

    private PlanRun run() {
      return Workflow.runOf(workflow);
    }

    /** Sends a command as networks do: more than once. */
    private Decision<WorkflowEvent, WorkflowRejection> send(WorkflowCommand command) {
      Decision<WorkflowEvent, WorkflowRejection> decision = Workflow.decide(command, workflow);
      if (decision instanceof Accepted<WorkflowEvent, WorkflowRejection>(var accepted)) {
        for (WorkflowEvent event : accepted) {
          workflow = Workflow.evolve(workflow, event);
          events.add(event);
          watch.see(event);
        }
        assertRecordedOnce(command);
        if (!accepted.isEmpty()) {
          sent.add(command);
        }
        if (plans.oneIn(20)) {
          assertFolded();
        }
      }
      return decision;
    }

    private void assertRecordedOnce(WorkflowCommand command) {
      Decision<WorkflowEvent, WorkflowRejection> again = Workflow.decide(command, workflow);
      // A step that turned out to need an approval is not ready any more.
      boolean askedInstead =
          command instanceof AssignStep assign
              && run().step(assign.stepId()).phase() == Phase.ASKING;
      assertThat(askedInstead || again.equals(Decision.alreadySo()))
          .as("twice: %s, then %s", command, again)
          .isTrue();
    }

    private void assertFolded() {
      Workflow folded = Workflow.initial();
      for (WorkflowEvent event : events) {
        folded = Workflow.evolve(folded, event);
      }
      assertThat(folded).isEqualTo(workflow);
    }

    private ProposePlan propose(Plan plan) {
      return new ProposePlan(
          ID,
          plan,
          plans.mode(),
          plans.oneIn(3) ? 1 + random.nextInt(500_000) : 0,
          PlanFacts.NONE,
          RunHistory.PLANNER,
          now);
    }

    private PlanRun.Version version() {
      PlanRun.Version current = run().current() != null ? run().current() : run().proposed();
      return Objects.requireNonNull(current);
    }

    private String anyStep() {
      return plans.oneIn(30) ? "none" : plans.anyOf(version().plan().steps()).stepId();
    }

    /** Mostly the lease that the step is under, sometimes one from long ago or of another step. */
    private String anyToken(String stepId) {
      String held = run().step(stepId).leaseToken();
      return held == null || plans.oneIn(4) ? plans.anyOf(tokens) : held;
    }

    private String anyApproval() {
      List<String> all = List.copyOf(run().approvals().asMap().keySet());
      return all.isEmpty() || plans.oneIn(30) ? "none" : plans.anyOf(all);
    }

    private List<String> anyRoles() {
      return plans.oneIn(2) ? List.of("owner") : List.of("guest");
    }

    private Spend anySpend() {
      return Spend.of(random.nextInt(100), random.nextInt(100));
    }

    /** Something that somebody asks, wisely or not. */
    private WorkflowCommand any() {
      String step = anyStep();
      return switch (random.nextInt(40)) {
        case 0 -> new StartWorkflow(ID, now);
        case 1 -> propose(plans.next(version().plan(), run(), run().versions() + 1));
        case 2 -> plans.oneIn(2) ? propose(version().plan()) : propose(plans.plan());
        case 3 -> plans.oneIn(2) ? new PauseWorkflow(ID, "a pause") : refused(step);
        case 4 -> new ResumeWorkflow(ID, now);
        case 5 -> room(step);
        case 6 ->
            plans.oneIn(10)
                ? new CancelWorkflow(ID, "not needed", now)
                : new TimeOutWorkflow(ID, now);
        case 7 -> new RetryStep(ID, step, now);
        case 8 ->
            new ReuseResults(
                ID,
                new WorkflowId("018f4e6a-0000-7000-8000-0000000000ff"),
                step,
                plans.oneIn(2) ? List.of(new StepResult(anyStep(), "before")) : List.of());
        case 9, 10 -> signal();
        case 11 -> takeNext();
        case 12, 13 -> assign(step, run().step(step).attempt() + random.nextInt(2));
        case 14, 15 -> new ReportProgress(ID, step, anyToken(step), "so far", random.nextInt(101));
        case 16, 17 -> complete(step);
        case 18 -> new AnswerStep(complete(step), takeNext());
        case 19, 20 -> fail(step);
        case 21 -> new AnswerStep(fail(step), takeNext());
        case 22, 23 -> new LoseLease(ID, step, anyToken(step), now);
        case 24 -> new GiveBackStep(ID, step, anyToken(step), anySpend(), now);
        case 25, 26 -> new TimeOutStep(ID, step, anyToken(step), now);
        case 27, 28 ->
            new EndBackoff(ID, step, run().step(step).attempt() + random.nextInt(3), now);
        case 29, 30 -> new EndWait(ID, step, now);
        case 31, 32, 33 -> grant(anyApproval(), plans.anyOf(CROWD), anyRoles());
        case 34 -> new DenyApproval(ID, anyApproval(), plans.anyOf(CROWD), anyRoles(), "no", now);
        case 35, 36 -> delegate();
        case 37 -> new ExpireApproval(ID, anyApproval(), now);
        default -> new RemindApproval(ID, anyApproval(), now);
      };
    }

    private CompleteStep complete(String step) {
      return new CompleteStep(
          ID, step, anyToken(step), "result" + random.nextInt(2), anySpend(), now);
    }

    private FailStep fail(String step) {
      return new FailStep(ID, step, anyToken(step), "broke", plans.oneIn(2), anySpend(), now);
    }

    private AwaitBudget refused(String stepId) {
      int attempt = run().step(stepId).attempt() - (plans.oneIn(10) ? 1 : 0);
      return new AwaitBudget(ID, BUDGET.value(), stepId, attempt, "too little left");
    }

    private AskBudgetAgain room(String stepId) {
      int attempt = run().step(stepId).attempt() - (plans.oneIn(10) ? 1 : 0);
      return new AskBudgetAgain(ID, BUDGET.value(), List.of(new Refused(stepId, attempt)), now);
    }

    private SendSignal signal() {
      return new SendSignal(
          ID,
          "signal" + (plans.oneIn(5) ? random.nextInt(1 + ids) : ids++),
          plans.anyOf(RandomPlans.SIGNALS),
          "payload" + random.nextInt(2),
          now);
    }

    private DelegateApproval delegate() {
      String by = plans.anyOf(CROWD);
      String to =
          CROWD.get((CROWD.indexOf(by) + 1 + random.nextInt(CROWD.size() - 1)) % CROWD.size());
      return new DelegateApproval(ID, anyApproval(), by, anyRoles(), to, now);
    }

    private GrantApproval grant(String approvalId, String by, List<String> roles) {
      Approval approval = run().approvals().get(approvalId);
      String digest = approval == null || plans.oneIn(20) ? "another" : approval.request().digest();
      return new GrantApproval(ID, approvalId, by, roles, digest, now);
    }

    private AssignStep assign(String stepId, int attempt) {
      String token = plans.oneIn(10) ? plans.anyOf(tokens) : "token" + ids++;
      tokens.add(token);
      AutonomyMode agentMode = plans.oneIn(4) ? plans.mode() : AutonomyMode.FULL_AUTO;
      String reservationId =
          plans.oneIn(10) ? null : "%s:%s:%d".formatted(ID.value(), stepId, attempt);
      return new AssignStep(
          ID, stepId, attempt, AGENT, agentMode, reservationId, token, 30_000, 600_000, now);
    }

    private TakeNext takeNext() {
      String token = plans.oneIn(10) ? plans.anyOf(tokens) : "token" + ids++;
      tokens.add(token);
      List<PlanStep> steps = version().plan().steps();
      Abilities abilities =
          new Abilities(
              steps.stream().map(PlanStep::capability).filter(Objects::nonNull).toList(),
              steps.stream().map(PlanStep::tool).filter(Objects::nonNull).toList(),
              1,
              plans.oneIn(4) ? plans.mode() : AutonomyMode.FULL_AUTO);
      return new TakeNext(ID, AGENT, abilities, token, 30_000, 600_000, now);
    }

    /** Does one thing of what the run waits for. */
    private void serve() {
      List<Runnable> open = new ArrayList<>();
      PlanRun run = run();
      if (workflow instanceof Workflow.Created) {
        open.add(this::start);
      }
      if (run.pause() != null) {
        open.add(() -> send(new ResumeWorkflow(ID, now)));
      }
      for (PlanStep step : run.planned(Step::isOpen)) {
        open.add(() -> serve(step));
      }
      run.approvals().asMap().values().stream()
          .filter(approval -> approval.outcome() == Outcome.OPEN)
          .map(Approval::request)
          .sorted(Comparator.comparing(ApprovalRequested::approvalId))
          .forEach(request -> open.add(() -> decide(request)));
      if (open.isEmpty()) {
        assertThat(workflow).as("waits for something").isInstanceOf(Workflow.Finished.class);
      } else {
        plans.anyOf(open).run();
      }
    }

    private void start() {
      boolean started =
          send(new StartWorkflow(ID, now)) instanceof Accepted<WorkflowEvent, WorkflowRejection>;
      boolean waits = run().pending() != null;
      if (!started && !waits) {
        // Nothing would ever run by this plan, or it was rejected: ask for less.
        Plan same = version().plan();
        send(
            new ProposePlan(
                ID, same, AutonomyMode.RISK_BASED, 0, PlanFacts.NONE, RunHistory.PLANNER, now));
      }
    }

    private void serve(PlanStep planned) {
      String stepId = planned.stepId();
      Step step = run().step(stepId);
      switch (step.phase()) {
        case READY -> send(plans.oneIn(20) ? refused(stepId) : assign(stepId, step.attempt()));
        case UNFUNDED -> send(room(stepId));
        case ASSIGNED -> answer(stepId, Objects.requireNonNull(step.leaseToken()));
        case BACKING_OFF -> {
          waitUntil(Objects.requireNonNull(step.dueAt()));
          send(new EndBackoff(ID, stepId, step.attempt() + 1, now));
        }
        case TIMED -> {
          if (planned.signal() != null && plans.oneIn(2)) {
            send(signal());
          } else if (step.dueAt() != null) {
            waitUntil(step.dueAt());
            send(new EndWait(ID, stepId, now));
          }
        }
        default -> {
          // People decide.
        }
      }
    }

    private void answer(String stepId, String token) {
      switch (vanishing ? 2 : random.nextInt(13)) {
        case 0, 1 ->
            send(new FailStep(ID, stepId, token, "broke", plans.oneIn(2), anySpend(), now));
        case 2 -> send(new LoseLease(ID, stepId, token, now));
        case 3 -> {
          waitUntil(Objects.requireNonNull(run().step(stepId).dueAt()));
          send(new TimeOutStep(ID, stepId, token, now));
        }
        case 4 -> send(new GiveBackStep(ID, stepId, token, anySpend(), now));
        default -> send(new CompleteStep(ID, stepId, token, "done", anySpend(), now));
      }
    }

    private void decide(ApprovalRequested request) {
      if (plans.oneIn(20)) {
        waitUntil(request.expiresAt());
      }
      for (String person : CROWD) {
        send(grant(request.approvalId(), person, List.of("owner")));
      }
      if (!now.isBefore(request.expiresAt())) {
        send(new ExpireApproval(ID, request.approvalId(), now));
      } else if (plans.oneIn(10)) {
        waitUntil(request.expiresAt());
      }
    }

    private void waitUntil(Instant due) {
      now = now.isBefore(due) ? due : now;
      if (plans.oneIn(10)) {
        send(new TimeOutWorkflow(ID, now));
      }
    }
  }
}

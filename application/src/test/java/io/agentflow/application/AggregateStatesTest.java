package io.agentflow.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentflow.domain.agent.Agent;
import io.agentflow.domain.agent.AgentEvent;
import io.agentflow.domain.agent.AgentEvent.AgentActivated;
import io.agentflow.domain.agent.AgentEvent.AgentCameOnline;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.agent.AgentEvent.AgentRetired;
import io.agentflow.domain.agent.AgentEvent.AgentSuspended;
import io.agentflow.domain.agent.AgentEvent.AgentWentOffline;
import io.agentflow.domain.agent.AgentEvent.CapabilitiesChanged;
import io.agentflow.domain.budget.Budget;
import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetEvent.BudgetClosed;
import io.agentflow.domain.budget.BudgetEvent.BudgetExhausted;
import io.agentflow.domain.budget.BudgetEvent.BudgetOpened;
import io.agentflow.domain.budget.BudgetEvent.LimitChanged;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.ReservationReleased;
import io.agentflow.domain.budget.BudgetEvent.ReservationSettled;
import io.agentflow.domain.budget.BudgetEvent.RoomMade;
import io.agentflow.domain.budget.BudgetEvent.SliceAllocated;
import io.agentflow.domain.budget.BudgetEvent.SliceChanged;
import io.agentflow.domain.budget.BudgetEvent.SliceReturned;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetEvent.TermsSet;
import io.agentflow.domain.budget.BudgetEvent.ThresholdCrossed;
import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.RetryPolicy;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.schedule.Schedule;
import io.agentflow.domain.schedule.ScheduleEvent;
import io.agentflow.domain.schedule.ScheduleEvent.FiringQueued;
import io.agentflow.domain.schedule.ScheduleEvent.FiringSkipped;
import io.agentflow.domain.schedule.ScheduleEvent.RunEnded;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleDeleted;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleEvent.SchedulePaused;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleResumed;
import io.agentflow.domain.tenant.Tenant;
import io.agentflow.domain.tenant.TenantEvent;
import io.agentflow.domain.tenant.TenantEvent.KeyIssued;
import io.agentflow.domain.tenant.TenantEvent.KeyRevoked;
import io.agentflow.domain.tenant.TenantEvent.RoleBound;
import io.agentflow.domain.tenant.TenantEvent.RoleUnbound;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDelegated;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalGranted;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalReminded;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.DeadlineSet;
import io.agentflow.domain.workflow.RunEvent.FailureCause;
import io.agentflow.domain.workflow.RunEvent.PlanApproved;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
import io.agentflow.domain.workflow.RunEvent.RestartedFrom;
import io.agentflow.domain.workflow.RunEvent.SignalReceived;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepProgressed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepResult;
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.RunEvent.StepSkipped;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.domain.workflow.WorkflowEvent.ToolCalled;
import io.agentflow.domain.workflow.WorkflowEvent.ToolReturned;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** A state that was kept is the state that was folded, and goes on as it would have. */
class AggregateStatesTest {

  private static final String WORKFLOW = "018f4e6a-0000-7000-8000-000000000001";
  private static final ObjectMapper STATES = AggregateStates.objectMapper();
  private static final Plan PLAN =
      new Plan(
          List.of(
              new PlanStep(
                  "a",
                  "look",
                  StepKind.AGENT,
                  List.of(),
                  "search",
                  null,
                  null,
                  "{}",
                  9,
                  8,
                  0,
                  new RetryPolicy(3, 1_000, 200, 60_000, 10),
                  OnFailure.COMPENSATE,
                  new Compensation("undo", "{}"),
                  new ApprovalRule(1, List.of("bob"), List.of(), 60_000, 0),
                  0,
                  null,
                  Risk.CRITICAL,
                  true),
              new PlanStep(
                  "b",
                  "rest",
                  StepKind.WAIT,
                  List.of("a"),
                  null,
                  null,
                  null,
                  "",
                  0,
                  0,
                  0,
                  RetryPolicy.NONE,
                  OnFailure.SKIP,
                  null,
                  null,
                  1_000,
                  "go",
                  Risk.LOW,
                  false)));

  @Test
  void a_workflow_that_was_kept_goes_on_as_it_would_have() {
    assertKeptAnywhere(
        Workflow.class,
        Workflow.initial(),
        Workflow::evolve,
        List.<WorkflowEvent>of(
            new WorkflowCreated("w", "run", "do it", "a", null, Map.of("team", "support")),
            new WorkflowStarted("w"),
            new MessageRecorded("w", "m1", "user", "u", "a", "help\n\"me\"", 3, 4, 3, 4),
            new ToolCalled("w", "c1", "a", "search", "{}", 1, 1, 4, 5),
            new ToolCalled("w", "c2", "a", "search", "{\"q\":1}", 1, 1, 5, 6),
            new ToolReturned("w", "c1", "search", "found", 0, 0, 5, 6),
            new WorkflowCompleted("w", "done", 5, 6)));
  }

  /** Everything that a run keeps is in some of these states. */
  @Test
  void a_plan_on_its_way_that_was_kept_goes_on_as_it_would_have() {
    Instant noon = Instant.parse("2026-01-02T12:00:00Z");
    Instant due = noon.plusMillis(1_234);
    assertKeptAnywhere(
        Workflow.class,
        Workflow.initial(),
        Workflow::evolve,
        List.<WorkflowEvent>of(
            new WorkflowCreated("w", "run", "do it", null, "b", Map.of()),
            new PlanProposed("w", 1, PLAN, PLAN.digest(), AutonomyMode.RISK_BASED, 60_000, "ada"),
            new ApprovalRequested(
                "w",
                "plan.v1",
                null,
                PLAN.digest(),
                "ada",
                2,
                List.of("bob"),
                List.of("lead"),
                due,
                noon),
            new ApprovalDelegated("w", "plan.v1", "bob", "cem"),
            new ApprovalReminded("w", "plan.v1"),
            new ApprovalGranted("w", "plan.v1", "cem", 1, 2),
            new ApprovalGranted("w", "plan.v1", "dan", 2, 2),
            new PlanApproved("w", 1, PLAN.digest(), "people approved it"),
            new RestartedFrom("w", "o", "b", List.of(new StepResult("z", "from before"))),
            new WorkflowStarted("w"),
            new DeadlineSet("w", due),
            new StepReady("w", "a", 1, false, StepKind.AGENT, "search", null, null, 0, "b", 9, 8),
            new StepAssigned(
                "w", "a", 1, "x", "t1", noon, due, AutonomyMode.FULL_AUTO, Risk.LOW, "it may"),
            new StepProgressed("w", "a", 1, "halfway", 50),
            new StepFailed("w", "a", 1, "t1", FailureCause.LEASE_LOST, "gone", "b", 1, 1, 1, 1),
            new StepRetryScheduled("w", "a", 2, due),
            new StepUnfunded("w", "a", 1, "b"),
            new WorkflowPaused("w", "too little left", "b"),
            new WorkflowResumed("w"),
            new StepReady("w", "a", 2, false, StepKind.AGENT, "search", null, null, 0, "b", 9, 8),
            new StepCompleted("w", "a", 2, "t2", "found \"it\"", "b", 1, 1, 2, 2),
            new WaitStarted("w", "b", due, "go"),
            new SignalReceived("w", "s1", "go", "{}"),
            new StepSkipped("w", "b", "late"),
            new PlanProposed("w", 2, PLAN, PLAN.digest(), AutonomyMode.APPROVE_ALL, 0, "ada"),
            new PlanRejected("w", 2, "no"),
            new CompensationStarted("w", true, "not needed"),
            new StepReady("w", "a", 3, true, StepKind.TOOL, null, "undo", null, 0, null, 0, 0),
            new StepCompensated("w", "a", 3, "t3", "gone", null, 0, 0, 2, 2),
            new StepCancelled("w", "b", 0, null),
            new WorkflowCancelled("w", "not needed", 2, 2),
            new WorkflowReopened("w", "a")));
  }

  @Test
  void a_budget_that_was_kept_goes_on_as_it_would_have() {
    assertKeptAnywhere(
        Budget.class,
        Budget.initial(),
        Budget::evolve,
        List.<BudgetEvent>of(
            new BudgetOpened("b", "all", null, 100, 100),
            new SliceAllocated("b", "s", "slice", "w", 10, 10, 90, 90),
            new SpendReserved("b", "r1", 20, 20, 70, 70),
            new SpendReserved("b", "r2", 20, 20, 50, 50),
            new ReservationSettled("b", "r1", 20, 20, 15, 15, 15, 15, 55, 55),
            new ReservationReleased("b", "r2", 20, 20, 75, 75),
            new TermsSet("b", 50L, 60L, List.of(50), "daily", "UTC", null, "2026-01-02T00:00:00Z"),
            new ReservationRefused("b", WORKFLOW, WORKFLOW + ":a:1", 90, 90, 75, 75),
            new ReservationRefused("b", WORKFLOW, WORKFLOW + ":b:1", 90, 90, 75, 75),
            new RoomMade("b", 75, 75, List.of(WORKFLOW + ":a:1")),
            new SliceChanged("b", "s", 20, 20, 65, 65, List.of()),
            new ThresholdCrossed("b", "soft", 100, 50, 60, 51, 1),
            new ThresholdCrossed("b", "hard", 50, 100, 100, 51, 1),
            new BudgetExhausted("b", 100, 100, 100, 1),
            new LimitChanged("b", 200, 200, null, null, 165, 165, List.of("w")),
            new SliceReturned("b", "s", 20, 20, 5, 5, 20, 20, 180, 180, List.of()),
            new PeriodRolled("b", "s", "2026-01-03T00:00:00Z", 20, 20, 200, 200, List.of()),
            new BudgetClosed("b", null, 200, 200, 0, 0)));
  }

  @Test
  void an_agent_that_was_kept_goes_on_as_it_would_have() {
    assertKeptAnywhere(
        Agent.class,
        Agent.initial(),
        Agent::evolve,
        List.<AgentEvent>of(
            new AgentRegistered("a", "bot", "support", "gpt-4o", List.of("search", "book")),
            new CapabilitiesChanged("a", List.of("triage"), List.of("search"), 3, "risk_based"),
            new AgentCameOnline("a", "2026-01-02T03:04:05.678Z"),
            new AgentSuspended("a", "errors"),
            new AgentWentOffline("a", "2026-01-02T03:05:05.678Z"),
            new AgentActivated("a"),
            new AgentRetired("a", "replaced")));
  }

  @Test
  void a_schedule_that_was_kept_goes_on_as_it_would_have() {
    assertKeptAnywhere(
        Schedule.class,
        Schedule.initial(),
        Schedule::evolve,
        List.<ScheduleEvent>of(
            new ScheduleCreated(
                "s",
                "nightly",
                "* * * * *",
                "UTC",
                "queue",
                2,
                60_000,
                "report",
                "do it",
                Map.of("team", "ops"),
                null,
                5L,
                6L,
                "{}",
                "ada",
                "2026-01-02T03:00:00Z"),
            new ScheduleFired("s", "w1", "2026-01-02T03:00:00Z", null, "2026-01-02T03:01:00Z"),
            new FiringQueued(
                "s", "w2", "2026-01-02T03:00:30.123Z", "t1", 1, "2026-01-02T03:01:00Z"),
            new FiringQueued("s", "w3", "2026-01-02T03:01:00Z", null, 2, "2026-01-02T03:02:00Z"),
            new FiringSkipped("s", "2026-01-02T03:02:00Z", "2026-01-02T03:03:00Z", "overlap"),
            new RunEnded("s", "w1", "completed"),
            new ScheduleFired("s", "w2", "2026-01-02T03:00:30.123Z", "t1", "2026-01-02T03:03:00Z"),
            new SchedulePaused("s", "holidays"),
            new ScheduleResumed("s", "2026-01-02T04:00:00Z"),
            new ScheduleDeleted("s")));
  }

  @Test
  void a_tenant_that_was_kept_goes_on_as_it_would_have() {
    assertKeptAnywhere(
        Tenant.class,
        Tenant.initial(),
        Tenant::evolve,
        List.<TenantEvent>of(
            new RoleBound("acme", "b1", "ada", "viewer", null, null),
            new RoleBound("acme", "b2", "ada", "operator", "shop", "live"),
            new RoleUnbound("acme", "b1", "ada", "viewer", null, null),
            new KeyIssued(
                "acme",
                "k1",
                "deploy",
                List.of("operator", "viewer"),
                "shop",
                null,
                "00ff",
                "2026-03-02T03:04:05.678Z"),
            new KeyRevoked("acme", "k1", "deploy")));
  }

  private static <S, E> void assertKeptAnywhere(
      Class<S> type, S initial, BiFunction<S, E, S> evolve, List<E> events) {
    S folded = initial;
    S kept = readBack(initial, type);
    assertThat(kept).isEqualTo(folded);
    for (E event : events) {
      folded = evolve.apply(folded, event);
      kept = readBack(evolve.apply(kept, event), type);
      assertThat(kept).as("after %s", event).isEqualTo(folded);
    }
  }

  private static <S> S readBack(S state, Class<S> type) {
    try {
      return STATES.readValue(STATES.writerFor(type).writeValueAsString(state), type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void the_code_that_folds_has_one_name_as_long_as_it_is_the_same() {
    assertThat(AggregateStates.code()).hasSize(64).isEqualTo(AggregateStates.code());
  }
}

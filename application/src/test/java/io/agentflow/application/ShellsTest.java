package io.agentflow.application;

import io.agentflow.application.agent.AgentAggregate;
import io.agentflow.application.budget.BudgetAggregate;
import io.agentflow.application.budget.ParentBudgets;
import io.agentflow.application.schedule.ScheduleAggregate;
import io.agentflow.application.tenant.TenantAggregate;
import io.agentflow.application.workflow.WorkflowAggregate;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.agent.AgentCommand;
import io.agentflow.domain.agent.AgentCommand.ActivateAgent;
import io.agentflow.domain.agent.AgentCommand.ChangeCapabilities;
import io.agentflow.domain.agent.AgentCommand.ComeOnline;
import io.agentflow.domain.agent.AgentCommand.GoOffline;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentCommand.SuspendAgent;
import io.agentflow.domain.agent.AgentEvent;
import io.agentflow.domain.agent.AgentEvent.AgentActivated;
import io.agentflow.domain.agent.AgentEvent.AgentCameOnline;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.agent.AgentEvent.AgentRetired;
import io.agentflow.domain.agent.AgentEvent.AgentSuspended;
import io.agentflow.domain.agent.AgentEvent.AgentWentOffline;
import io.agentflow.domain.agent.AgentEvent.CapabilitiesChanged;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.CloseBudget;
import io.agentflow.domain.budget.BudgetCommand.ReserveForStep;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.RollPeriod;
import io.agentflow.domain.budget.BudgetEvent.BudgetClosed;
import io.agentflow.domain.budget.BudgetEvent.BudgetOpened;
import io.agentflow.domain.budget.BudgetEvent.LimitChanged;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetEvent.TermsSet;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.schedule.Overlap;
import io.agentflow.domain.schedule.RunEnd;
import io.agentflow.domain.schedule.ScheduleCommand;
import io.agentflow.domain.schedule.ScheduleCommand.CreateSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.DeleteSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.EndRun;
import io.agentflow.domain.schedule.ScheduleCommand.FireSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.PauseSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.ResumeSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.TriggerSchedule;
import io.agentflow.domain.schedule.ScheduleEvent;
import io.agentflow.domain.schedule.ScheduleEvent.RunEnded;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleDeleted;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleEvent.SchedulePaused;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleResumed;
import io.agentflow.domain.schedule.ScheduleId;
import io.agentflow.domain.schedule.Timing;
import io.agentflow.domain.schedule.WorkflowTemplate;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.tenant.TenantCommand;
import io.agentflow.domain.tenant.TenantCommand.BindRole;
import io.agentflow.domain.tenant.TenantCommand.IssueKey;
import io.agentflow.domain.tenant.TenantCommand.RevokeKey;
import io.agentflow.domain.tenant.TenantCommand.UnbindRole;
import io.agentflow.domain.tenant.TenantEvent;
import io.agentflow.domain.tenant.TenantEvent.KeyIssued;
import io.agentflow.domain.tenant.TenantEvent.KeyRevoked;
import io.agentflow.domain.tenant.TenantEvent.RoleBound;
import io.agentflow.domain.tenant.TenantEvent.RoleUnbound;
import io.agentflow.domain.tenant.TenantId;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.axonframework.test.matchers.Matchers;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Axon finds each shell's handlers, and each shell asks its decider; the rules are tested there.
 */
class ShellsTest {

  private static final String ID = "018f4e6a-0000-7000-8000-000000000001";
  private static final Map<String, String> ACME = Map.of("tenantId", "acme");
  private static final Map<String, String> GLOBEX = Map.of("tenantId", "globex");

  private static <A> AggregateTestFixture<A> fixture(Class<A> shell) {
    AggregateTestFixture<A> fixture = new AggregateTestFixture<>(shell);
    fixture.registerInjectableResource(
        new ParentBudgets(
            () -> {
              throw new AssertionError("nothing here is a slice");
            }));
    fixture.registerCommandTargetResolver(new CommandTargets());
    return fixture;
  }

  @Test
  void a_workflow_is_created() {
    fixture(WorkflowAggregate.class)
        .givenNoPriorActivity()
        .when(new CreateWorkflow(new WorkflowId(ID), "run", "do it", null, null, Map.of()), ACME)
        .expectEvents(new WorkflowCreated(ID, "run", "do it", null, null, Map.of()))
        .expectResultMessagePayloadMatching(decided(0));
  }

  @Test
  void a_command_that_was_carried_out_before_changes_nothing() {
    fixture(WorkflowAggregate.class)
        .given(created("acme"))
        .when(new CreateWorkflow(new WorkflowId(ID), "run", "do it", null, null, Map.of()), ACME)
        .expectNoEvents();
  }

  @Test
  void a_workflow_of_another_tenant_is_not_found() {
    fixture(WorkflowAggregate.class)
        .given(created("acme"))
        .when(new StartWorkflow(new WorkflowId(ID), Instant.EPOCH), GLOBEX)
        .expectException(AggregateNotFoundException.class)
        .expectNoEvents();
  }

  @Test
  void a_workflow_of_the_own_tenant_is_started() {
    fixture(WorkflowAggregate.class)
        .given(created("acme"))
        .when(new StartWorkflow(new WorkflowId(ID), Instant.EPOCH), ACME)
        .expectEvents(new WorkflowStarted(ID))
        .expectResultMessagePayloadMatching(decided(1));
  }

  private static Matcher<Decided> decided(long version) {
    return Matchers.predicate(decided -> decided.changed() && decided.version() == version);
  }

  private static GenericDomainEventMessage<WorkflowCreated> created(String tenantId) {
    return new GenericDomainEventMessage<>(
        "workflow",
        ID,
        0,
        new WorkflowCreated(ID, "run", "do it", null, null, Map.of()),
        Map.of("tenantId", tenantId));
  }

  @Test
  void an_agent_is_registered() {
    fixture(AgentAggregate.class)
        .givenNoPriorActivity()
        .when(
            new RegisterAgent(
                new AgentId(ID),
                "bot",
                "support",
                null,
                new Abilities(List.of("triage"), List.of(), 2, AutonomyMode.FULL_AUTO)),
            ACME)
        .expectEvents(
            new AgentRegistered(ID, "bot", "support", null, List.of()),
            new CapabilitiesChanged(ID, List.of("triage"), List.of(), 2, "full_auto"));
  }

  static Stream<Arguments> agentCommands() {
    AgentId id = new AgentId(ID);
    Instant noon = Instant.parse("2026-01-02T12:00:00Z");
    return Stream.of(
        Arguments.of(
            new ChangeCapabilities(id, null, null, 3, null),
            new CapabilitiesChanged(ID, List.of(), List.of(), 3, "full_auto")),
        Arguments.of(new SuspendAgent(id, "errors"), new AgentSuspended(ID, "errors")),
        Arguments.of(new RetireAgent(id, "replaced"), new AgentRetired(ID, "replaced")),
        Arguments.of(new ComeOnline(id, noon), new AgentCameOnline(ID, noon.toString())));
  }

  @ParameterizedTest
  @MethodSource("agentCommands")
  void an_agent_takes_its_commands(AgentCommand command, AgentEvent expected) {
    fixture(AgentAggregate.class)
        .given(new AgentRegistered(ID, "bot", "support", null, List.of()))
        .when(command, ACME)
        .expectEvents(expected);
  }

  @Test
  void an_agent_is_activated_again_and_goes_offline() {
    Instant noon = Instant.parse("2026-01-02T12:00:00Z");
    AgentRegistered registered = new AgentRegistered(ID, "bot", "support", null, List.of());
    fixture(AgentAggregate.class)
        .given(registered, new AgentSuspended(ID, "errors"))
        .when(new ActivateAgent(new AgentId(ID)), ACME)
        .expectEvents(new AgentActivated(ID));
    fixture(AgentAggregate.class)
        .given(registered, new AgentCameOnline(ID, noon.toString()))
        .when(new GoOffline(new AgentId(ID), noon.plusSeconds(90), noon.plusSeconds(30)), ACME)
        .expectEvents(new AgentWentOffline(ID, "2026-01-02T12:00:30Z"));
  }

  @Test
  void a_budget_reserves_and_refuses() {
    BudgetOpened opened = new BudgetOpened(ID, "all", null, 100, 100);
    fixture(BudgetAggregate.class)
        .given(opened)
        .when(new ReserveSpend(new BudgetId(ID), "r1", Spend.of(60, 60)), ACME)
        .expectEvents(new SpendReserved(ID, "r1", 60, 60, 40, 40));
    fixture(BudgetAggregate.class)
        .given(opened)
        .when(new ReserveSpend(new BudgetId(ID), "r1", Spend.of(101, 1)), ACME)
        .expectException(CommandRejected.class)
        .expectNoEvents();
  }

  @Test
  void a_budget_tells_a_step_that_it_has_to_wait_and_rolls_its_period() {
    BudgetOpened opened = new BudgetOpened(ID, "all", null, 100, 100);
    String reservationId = new StepReservation(ID, "draft", 1).reservationId();
    fixture(BudgetAggregate.class)
        .given(opened)
        .when(
            new ReserveForStep(
                new BudgetId(ID), new WorkflowId(ID), reservationId, Spend.of(101, 1)),
            ACME)
        .expectEvents(new ReservationRefused(ID, ID, reservationId, 101, 1, 100, 100));
    fixture(BudgetAggregate.class)
        .given(
            opened,
            new TermsSet(ID, null, null, List.of(), "daily", "UTC", null, "2026-05-05T00:00:00Z"))
        .when(new RollPeriod(new BudgetId(ID), Instant.parse("2026-05-05T00:00:00Z")), ACME)
        .expectEvents(
            new PeriodRolled(
                ID, "2026-05-05T00:00:00Z", "2026-05-06T00:00:00Z", 0, 0, 100, 100, List.of()));
  }

  @Test
  void a_budget_that_is_no_slice_changes_its_limit_and_closes_by_itself() {
    BudgetOpened opened = new BudgetOpened(ID, "all", null, 100, 100);
    fixture(BudgetAggregate.class)
        .given(opened)
        .when(new ChangeLimit(new BudgetId(ID), Spend.of(200, 200), null), ACME)
        .expectEvents(new LimitChanged(ID, 200, 200, null, null, 200, 200, List.of()));
    fixture(BudgetAggregate.class)
        .given(opened)
        .when(new CloseBudget(new BudgetId(ID)), ACME)
        .expectEvents(new BudgetClosed(ID, null, 100, 100, 0, 0));
  }

  private static final ScheduleId SCHEDULE = new ScheduleId(ID);
  private static final WorkflowId RUN = new WorkflowId("018f4e6a-0000-5000-8000-000000000001");
  private static final Instant DUE = Instant.parse("2026-01-02T03:00:00Z");
  private static final Instant NEXT = DUE.plusSeconds(60);
  private static final CreateSchedule CREATE =
      new CreateSchedule(
          SCHEDULE,
          "nightly",
          new Timing("* * * * *", "UTC", Overlap.SKIP, 1, 60_000),
          new WorkflowTemplate("report", "do it", Map.of(), null, null, "{}"),
          "ada",
          DUE);
  private static final ScheduleCreated SCHEDULE_CREATED =
      new ScheduleCreated(
          ID,
          "nightly",
          "* * * * *",
          "UTC",
          "skip",
          1,
          60_000,
          "report",
          "do it",
          Map.of(),
          null,
          null,
          null,
          "{}",
          "ada",
          DUE.toString());

  @Test
  void a_schedule_is_created() {
    fixture(ScheduleAggregate.class)
        .givenNoPriorActivity()
        .when(CREATE, ACME)
        .expectEvents(SCHEDULE_CREATED);
  }

  static Stream<Arguments> scheduleCommands() {
    return Stream.of(
        Arguments.of(
            new FireSchedule(SCHEDULE, DUE, RUN, NEXT, DUE),
            new ScheduleFired(ID, RUN.value(), DUE.toString(), null, NEXT.toString())),
        Arguments.of(
            new TriggerSchedule(SCHEDULE, "t1", RUN, NEXT),
            new ScheduleFired(ID, RUN.value(), NEXT.toString(), "t1", DUE.toString())),
        Arguments.of(new PauseSchedule(SCHEDULE, "lunch"), new SchedulePaused(ID, "lunch")),
        Arguments.of(new DeleteSchedule(SCHEDULE), new ScheduleDeleted(ID)));
  }

  @ParameterizedTest
  @MethodSource("scheduleCommands")
  void a_schedule_takes_its_commands(ScheduleCommand command, ScheduleEvent expected) {
    fixture(ScheduleAggregate.class)
        .given(SCHEDULE_CREATED)
        .when(command, ACME)
        .expectEvents(expected);
  }

  @Test
  void a_schedule_hears_of_ends_and_is_resumed() {
    fixture(ScheduleAggregate.class)
        .given(
            SCHEDULE_CREATED,
            new ScheduleFired(ID, RUN.value(), DUE.toString(), null, NEXT.toString()))
        .when(new EndRun(SCHEDULE, RUN, RunEnd.FAILED), ACME)
        .expectEvents(new RunEnded(ID, RUN.value(), "failed"));
    fixture(ScheduleAggregate.class)
        .given(SCHEDULE_CREATED, new SchedulePaused(ID, "lunch"))
        .when(new ResumeSchedule(SCHEDULE, NEXT), ACME)
        .expectEvents(new ScheduleResumed(ID, NEXT.toString()));
  }

  private static final TenantId TENANT = new TenantId("acme");
  private static final BindRole BIND =
      new BindRole(TENANT, "ada", "viewer", Scope.TENANT, Set.of("viewer"));
  private static final RoleBound BOUND =
      new RoleBound("acme", BIND.bindingId(), "ada", "viewer", null, null);
  private static final KeyIssued ISSUED =
      new KeyIssued(
          "acme", ID, "deploy", List.of("viewer"), null, null, "0".repeat(64), NEXT.toString());

  static Stream<Arguments> tenantCommands() {
    return Stream.of(
        Arguments.of(
            new UnbindRole(TENANT, BIND.bindingId()),
            new RoleUnbound("acme", BIND.bindingId(), "ada", "viewer", null, null)),
        Arguments.of(new RevokeKey(TENANT, ID), new KeyRevoked("acme", ID, "deploy")));
  }

  @Test
  void a_tenant_is_there_as_soon_as_something_is_said_about_it() {
    fixture(TenantAggregate.class).givenNoPriorActivity().when(BIND, ACME).expectEvents(BOUND);
    fixture(TenantAggregate.class)
        .givenNoPriorActivity()
        .when(
            new IssueKey(
                TENANT,
                ID,
                "deploy",
                List.of("viewer"),
                Scope.TENANT,
                "0".repeat(64),
                NEXT,
                DUE,
                Set.of("viewer")),
            ACME)
        .expectEvents(ISSUED);
  }

  @ParameterizedTest
  @MethodSource("tenantCommands")
  void a_tenant_takes_its_commands_and_no_others(TenantCommand command, TenantEvent expected) {
    fixture(TenantAggregate.class).given(BOUND, ISSUED).when(command, ACME).expectEvents(expected);
    fixture(TenantAggregate.class)
        .givenNoPriorActivity()
        .when(command, ACME)
        .expectNoEvents()
        .expectException(CommandRejected.class);
  }
}

package io.agentflow.application.reaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.reaction.Reaction.Asked;
import io.agentflow.application.schedule.ScheduledIds;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.schedule.RunEnd;
import io.agentflow.domain.schedule.ScheduleCommand.EndRun;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleResumed;
import io.agentflow.domain.schedule.ScheduleId;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.WorkflowCommand.LaunchWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleReactionsTest {

  private static final ScheduleId ID = new ScheduleId("018f4e6a-0000-7000-8000-0000000000d1");
  private static final String BUDGET = "018f4e6a-0000-7000-8000-0000000000b1";
  private static final Instant DUE = Instant.parse("2026-01-02T03:04:00Z");
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:00.100Z");
  private static final WorkflowId WORKFLOW = ScheduledIds.workflow(ID, DUE);
  private static final EndRun NOT_STARTED = new EndRun(ID, WORKFLOW, RunEnd.NOT_STARTED);
  private static final ScheduleFired FIRED =
      new ScheduleFired(ID.value(), WORKFLOW.value(), DUE.toString(), null, "2026-01-02T03:05:00Z");
  private static final String PLAN =
      "{\"autonomy\":\"risk_based\",\"steps\":[{\"id\":\"look\",\"kind\":\"tool\",\"tool\":\"echo\"}],\"timeoutMillis\":5000}";

  private static ScheduleCreated schedule(
      @Nullable String budgetId, @Nullable Spend budget, String plan) {
    return new ScheduleCreated(
        ID.value(),
        "nightly",
        "* * * * *",
        "UTC",
        "skip",
        1,
        60_000,
        "report",
        "report what happened",
        Map.of("team", "ops"),
        budgetId,
        budget == null ? null : budget.tokens(),
        budget == null ? null : budget.microDollars(),
        plan,
        "ada",
        DUE.toString());
  }

  private static List<Asked> whenFired(ScheduleCreated schedule) {
    return Heard.of(
        FIRED,
        new WhenScheduleFiredThenLaunchWorkflow(first(ID.value(), schedule), AutonomyMode.FULL_AUTO)
            .on(FIRED, NOW));
  }

  private static Function<String, Optional<Object>> first(String aggregateId, Object event) {
    return id -> id.equals(aggregateId) ? Optional.of(event) : Optional.empty();
  }

  @Test
  void a_firing_launches_its_workflow_and_tells_the_schedule_where_that_is_refused() {
    assertThat(whenFired(schedule(BUDGET, null, PLAN)))
        .singleElement()
        .satisfies(
            asked -> {
              LaunchWorkflow launch = (LaunchWorkflow) asked.command();
              assertThat(launch.create().workflowId()).isEqualTo(WORKFLOW);
              assertThat(launch.create().name()).isEqualTo("report");
              assertThat(launch.create().budgetId()).isEqualTo(new BudgetId(BUDGET));
              assertThat(launch.create().labels())
                  .isEqualTo(
                      Map.of("team", "ops", "schedule", ID.value(), "scheduledAt", DUE.toString()));
              assertThat(launch.propose().autonomy().word()).isEqualTo("risk_based");
              assertThat(launch.propose().timeoutMillis()).isEqualTo(5_000);
              assertThat(launch.propose().plan().steps()).hasSize(1);
              assertThat(launch.propose().by()).isEqualTo("ada");
              assertThat(asked.otherwise())
                  .isEqualTo(new Asked(ID.value(), WORKFLOW.value(), NOT_STARTED));
            });
  }

  @Test
  void a_budget_of_its_own_is_opened_first_and_in_the_same_order() {
    List<Asked> asked = whenFired(schedule(null, Spend.of(2_000, 6_000), PLAN));

    assertThat(asked).hasSize(2);
    assertThat(asked.getFirst().command())
        .isEqualTo(
            new OpenBudget(ScheduledIds.budget(WORKFLOW), "report", null, Spend.of(2_000, 6_000)));
    LaunchWorkflow launch = (LaunchWorkflow) asked.getLast().command();
    assertThat(launch.create().budgetId()).isEqualTo(ScheduledIds.budget(WORKFLOW));
    assertThat(asked.getFirst().order()).isEqualTo(asked.getLast().order());
  }

  @Test
  void what_a_schedule_starts_is_granted_at_most_the_servers_floor() {
    List<Asked> asked =
        new WhenScheduleFiredThenLaunchWorkflow(
                first(ID.value(), schedule(null, null, PLAN)), AutonomyMode.RISK_BASED)
            .on(FIRED, NOW);

    assertThat(((LaunchWorkflow) asked.getLast().command()).propose().facts().floor())
        .isEqualTo(AutonomyMode.RISK_BASED);
  }

  @Test
  void the_same_firing_asks_for_the_same() {
    ScheduleCreated schedule = schedule(null, Spend.of(1, 1), PLAN);
    assertThat(whenFired(schedule)).isEqualTo(whenFired(schedule));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"steps\":[]}", "{\"steps\":[{\"id\":\"a\",\"kind\":\"magic\"}]}"})
  void a_plan_that_is_admissible_no_more_ends_the_run_and_nothing_else(String plan) {
    assertThat(whenFired(schedule(null, Spend.of(1, 1), plan)))
        .extracting(Asked::command)
        .containsExactly(NOT_STARTED);
  }

  @Test
  void so_does_a_value_that_no_command_may_carry_any_more() {
    assertThat(whenFired(schedule("the old form of ids", null, PLAN)))
        .extracting(Asked::command)
        .containsExactly(NOT_STARTED);
  }

  @Test
  void other_events_of_a_schedule_start_nothing() {
    assertThat(
            new WhenScheduleFiredThenLaunchWorkflow(id -> Optional.empty(), AutonomyMode.FULL_AUTO)
                .on(new ScheduleResumed(ID.value(), DUE.toString()), NOW))
        .isEmpty();
  }

  private static List<Asked> whenOver(Object event, Map<String, String> labels) {
    return Heard.of(
        event,
        new WhenWorkflowEndsThenTellSchedule(
                first(
                    WORKFLOW.value(),
                    new WorkflowCreated(WORKFLOW.value(), "report", "", null, null, labels)))
            .on(event, NOW));
  }

  @Test
  void however_a_workflow_ends_its_schedule_is_told() {
    Map<String, String> labels = Map.of("schedule", ID.value());
    assertThat(whenOver(new WorkflowCompleted(WORKFLOW.value(), "", 0, 0), labels))
        .extracting(Asked::command)
        .containsExactly(new EndRun(ID, WORKFLOW, RunEnd.COMPLETED));
    assertThat(whenOver(new WorkflowFailed(WORKFLOW.value(), "", 0, 0), labels))
        .extracting(Asked::command)
        .containsExactly(new EndRun(ID, WORKFLOW, RunEnd.FAILED));
    assertThat(whenOver(new WorkflowCancelled(WORKFLOW.value(), "", 0, 0), labels))
        .extracting(Asked::command)
        .containsExactly(new EndRun(ID, WORKFLOW, RunEnd.CANCELLED));
  }

  @Test
  void a_workflow_of_no_schedule_tells_nobody_whatever_its_labels_say() {
    WorkflowCompleted over = new WorkflowCompleted(WORKFLOW.value(), "", 0, 0);
    assertThat(whenOver(over, Map.of())).isEmpty();
    assertThat(whenOver(over, Map.of("schedule", "every night"))).isEmpty();
  }
}

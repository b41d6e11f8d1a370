package io.agentflow.application.reaction;

import io.agentflow.application.intake.InvalidPlan;
import io.agentflow.application.planning.PlanDefinition;
import io.agentflow.application.schedule.ScheduledIds;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.schedule.RunEnd;
import io.agentflow.domain.schedule.ScheduleCommand.EndRun;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleId;
import io.agentflow.domain.schedule.WorkflowTemplate;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.LaunchWorkflow;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * When a schedule fires, its workflow begins, with a budget of its own where it is to have one.
 * Where it cannot begin the schedule is told, and goes on without it.
 */
final class WhenScheduleFiredThenLaunchWorkflow implements Reaction {

  private final Function<String, Optional<Object>> firstEvents;

  WhenScheduleFiredThenLaunchWorkflow(Function<String, Optional<Object>> firstEvents) {
    this.firstEvents = firstEvents;
  }

  @Override
  public List<Asked> on(Object event, Instant at) {
    if (!(event instanceof ScheduleFired fired)) {
      return List.of();
    }
    if (!(firstEvents.apply(fired.scheduleId()).orElse(null) instanceof ScheduleCreated schedule)) {
      throw new IllegalStateException("fired, but never created: " + fired.scheduleId());
    }
    WorkflowId id = new WorkflowId(fired.workflowId());
    Asked notStarted =
        new Asked(
            fired.scheduleId(),
            id.value(),
            new EndRun(new ScheduleId(fired.scheduleId()), id, RunEnd.NOT_STARTED));
    PlanDefinition definition;
    try {
      definition =
          PlanDefinition.read(JsonMapper.shared().readTree(schedule.plan()), PlanFacts.NONE);
    } catch (InvalidPlan e) {
      return List.of(notStarted);
    }
    List<Asked> asked = new ArrayList<>();
    BudgetId budgetId = budgetId(schedule, id);
    Spend budget = budget(schedule);
    if (budgetId != null && budget != null) {
      asked.add(
          new Asked(
              budgetId.value(),
              id.value(),
              new OpenBudget(budgetId, schedule.workflowName(), null, budget)));
    }
    CreateWorkflow create =
        new CreateWorkflow(
            id,
            schedule.workflowName(),
            schedule.intent(),
            null,
            budgetId,
            labels(schedule, fired.scheduledAt()));
    ProposePlan propose =
        new ProposePlan(
            id,
            definition.plan(),
            definition.autonomy(),
            definition.timeoutMillis(),
            PlanFacts.NONE,
            schedule.createdBy(),
            at);
    asked.add(new Asked(id.value(), id.value(), new LaunchWorkflow(create, propose), notStarted));
    return asked;
  }

  private static @Nullable Spend budget(ScheduleCreated schedule) {
    return schedule.budgetTokens() == null || schedule.budgetMicroDollars() == null
        ? null
        : Spend.of(schedule.budgetTokens(), schedule.budgetMicroDollars());
  }

  private static @Nullable BudgetId budgetId(ScheduleCreated schedule, WorkflowId id) {
    if (budget(schedule) != null) {
      return ScheduledIds.budget(id);
    }
    return schedule.budgetId() == null ? null : new BudgetId(schedule.budgetId());
  }

  private static Map<String, String> labels(ScheduleCreated schedule, String scheduledAt) {
    Map<String, String> labels = new HashMap<>(schedule.labels());
    labels.put(WorkflowTemplate.SCHEDULE_LABEL, schedule.scheduleId());
    labels.put(WorkflowTemplate.TIME_LABEL, scheduledAt);
    return labels;
  }
}

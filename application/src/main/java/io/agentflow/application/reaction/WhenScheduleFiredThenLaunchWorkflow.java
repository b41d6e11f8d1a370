package io.agentflow.application.reaction;

import io.agentflow.application.intake.InvalidPlan;
import io.agentflow.application.planning.PlanDefinition;
import io.agentflow.application.schedule.ScheduledIds;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.planning.AutonomyMode;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * When a schedule fires, its workflow begins, with a budget of its own where it is to have one.
 * Where it cannot begin the schedule is told, and goes on without it.
 */
final class WhenScheduleFiredThenLaunchWorkflow implements Reaction {

  private static final Logger LOG =
      LoggerFactory.getLogger(WhenScheduleFiredThenLaunchWorkflow.class);

  private final Function<String, Optional<Object>> firstEvents;
  private final PlanFacts facts;

  WhenScheduleFiredThenLaunchWorkflow(
      Function<String, Optional<Object>> firstEvents, AutonomyMode floor) {
    this.firstEvents = firstEvents;
    this.facts = PlanFacts.grantingAtMost(floor);
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
    try {
      List<Asked> asked = new ArrayList<>();
      openBudget(schedule, id).ifPresent(asked::add);
      LaunchWorkflow launch =
          new LaunchWorkflow(create(schedule, fired, id), propose(schedule, id, at));
      asked.add(new Asked(id.value(), id.value(), launch, notStarted));
      return asked;
    } catch (InvalidPlan | InvalidField e) {
      // It was admissible once; the event must not come again for ever.
      LOG.warn("workflow {} of {} cannot begin: {}", id, schedule.scheduleId(), e.getMessage());
      return List.of(notStarted);
    }
  }

  private static Optional<Asked> openBudget(ScheduleCreated schedule, WorkflowId id) {
    return Optional.ofNullable(budget(schedule))
        .map(
            limit ->
                new Asked(
                    ScheduledIds.budget(id).value(),
                    id.value(),
                    new OpenBudget(ScheduledIds.budget(id), schedule.workflowName(), null, limit)));
  }

  private static CreateWorkflow create(
      ScheduleCreated schedule, ScheduleFired fired, WorkflowId id) {
    Map<String, String> labels = new HashMap<>(schedule.labels());
    labels.put(WorkflowTemplate.SCHEDULE_LABEL, schedule.scheduleId());
    labels.put(WorkflowTemplate.TIME_LABEL, fired.scheduledAt());
    return new CreateWorkflow(
        id, schedule.workflowName(), schedule.intent(), null, budgetId(schedule, id), labels);
  }

  /** Its agents are looked for when there is work for them. */
  private ProposePlan propose(ScheduleCreated schedule, WorkflowId id, Instant at) {
    PlanDefinition definition =
        PlanDefinition.read(JsonMapper.shared().readTree(schedule.plan()), facts);
    return new ProposePlan(
        id,
        definition.plan(),
        definition.autonomy(),
        definition.timeoutMillis(),
        facts,
        schedule.createdBy(),
        at);
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
}

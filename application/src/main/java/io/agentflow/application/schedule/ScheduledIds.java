package io.agentflow.application.schedule;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.schedule.ScheduleId;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.UUID;

/**
 * The ids of what schedules start (UUIDv5, RFC 9562). The same firing has the same ids whoever
 * reckons them, so that what comes twice is started once.
 */
public final class ScheduledIds {

  private static final UUID NAMESPACE = UuidCreator.getNameBasedSha1("agentflow:schedules");

  private ScheduledIds() {}

  /** The workflow that is started for a time. */
  public static WorkflowId workflow(ScheduleId scheduleId, Instant dueAt) {
    return new WorkflowId(named(scheduleId.value() + "/due/" + dueAt));
  }

  /** The workflow that a trigger starts. */
  public static WorkflowId workflow(ScheduleId scheduleId, String triggerId) {
    return new WorkflowId(named(scheduleId.value() + "/trigger/" + triggerId));
  }

  /** The budget of its own that such a workflow has. */
  public static BudgetId budget(WorkflowId workflowId) {
    return new BudgetId(named(workflowId.value() + "/budget"));
  }

  private static String named(String name) {
    return UuidCreator.getNameBasedSha1(NAMESPACE, name).toString();
  }
}

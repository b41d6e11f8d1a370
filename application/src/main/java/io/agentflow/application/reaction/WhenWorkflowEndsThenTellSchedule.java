package io.agentflow.application.reaction;

import io.agentflow.domain.InvalidField;
import io.agentflow.domain.schedule.RunEnd;
import io.agentflow.domain.schedule.ScheduleCommand.EndRun;
import io.agentflow.domain.schedule.ScheduleId;
import io.agentflow.domain.schedule.WorkflowTemplate;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * When a workflow ends that a schedule started, the schedule has room again. Anybody may give a
 * workflow the label of a schedule; the schedule knows which are its own.
 */
final class WhenWorkflowEndsThenTellSchedule implements Reaction {

  private final Function<String, Optional<Object>> firstEvents;

  WhenWorkflowEndsThenTellSchedule(Function<String, Optional<Object>> firstEvents) {
    this.firstEvents = firstEvents;
  }

  @Override
  public List<Asked> on(Object event, Instant at) {
    return switch (event) {
      case WorkflowCompleted over -> tell(over.workflowId(), RunEnd.COMPLETED);
      case WorkflowFailed over -> tell(over.workflowId(), RunEnd.FAILED);
      case WorkflowCancelled over -> tell(over.workflowId(), RunEnd.CANCELLED);
      default -> List.of();
    };
  }

  private List<Asked> tell(String workflowId, RunEnd end) {
    return scheduleOf(workflowId).stream()
        .map(
            scheduleId ->
                new Asked(
                    scheduleId.value(),
                    scheduleId.value(),
                    new EndRun(scheduleId, new WorkflowId(workflowId), end)))
        .toList();
  }

  private Optional<ScheduleId> scheduleOf(String workflowId) {
    return firstEvents
        .apply(workflowId)
        .filter(WorkflowCreated.class::isInstance)
        .map(created -> ((WorkflowCreated) created).labels().get(WorkflowTemplate.SCHEDULE_LABEL))
        .flatMap(WhenWorkflowEndsThenTellSchedule::scheduleId);
  }

  private static Optional<ScheduleId> scheduleId(String label) {
    try {
      return Optional.of(new ScheduleId(label));
    } catch (InvalidField e) {
      return Optional.empty();
    }
  }
}

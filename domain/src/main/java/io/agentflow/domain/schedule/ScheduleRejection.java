package io.agentflow.domain.schedule;

import io.agentflow.domain.Rejection;
import java.util.List;

/** Why a schedule refused a command. */
public sealed interface ScheduleRejection extends Rejection {

  record UnknownSchedule(String scheduleId) implements ScheduleRejection {
    @Override
    public String sentence() {
      return "there is no schedule %s; create it first".formatted(scheduleId);
    }
  }

  record DifferentScheduleExists(String scheduleId) implements ScheduleRejection {
    @Override
    public String sentence() {
      return "schedule %s was already created with another description; take a new id"
          .formatted(scheduleId);
    }
  }

  record NoRoom(String scheduleId, List<String> runningWorkflowIds, int waiting)
      implements ScheduleRejection {
    public NoRoom {
      runningWorkflowIds = List.copyOf(runningWorkflowIds);
    }

    @Override
    public String sentence() {
      return "schedule %s has no room for another workflow: %d run, %d wait; the first is %s"
          .formatted(
              scheduleId,
              runningWorkflowIds.size(),
              waiting,
              runningWorkflowIds.isEmpty() ? "none" : runningWorkflowIds.getFirst());
    }
  }

  record ScheduleIsDeleted(String scheduleId) implements ScheduleRejection {
    @Override
    public String sentence() {
      return "schedule %s is deleted; create another".formatted(scheduleId);
    }
  }
}

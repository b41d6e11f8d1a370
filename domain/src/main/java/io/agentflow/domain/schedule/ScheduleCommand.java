package io.agentflow.domain.schedule;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What one may ask of a schedule. Each constructor throws {@link InvalidField} for a value that no
 * event could carry; times are cut to a millisecond. What is due when is reckoned by whoever sends
 * the command.
 */
public sealed interface ScheduleCommand {

  ScheduleId scheduleId();

  /**
   * Begins a schedule. It stays as it is: who wants another timing or plan makes another schedule.
   *
   * @param by who creates it, hence may not approve what its workflows ask for
   * @param nextDueAt when it is due first
   */
  record CreateSchedule(
      ScheduleId scheduleId,
      String name,
      Timing timing,
      WorkflowTemplate workflow,
      String by,
      Instant nextDueAt)
      implements ScheduleCommand {
    public CreateSchedule {
      Checks.name("name", name);
      Checks.name("by", by);
      nextDueAt = millis("nextDueAt", nextDueAt);
    }
  }

  /**
   * Notes that the schedule was due.
   *
   * @param dueAt the last time at which it was due; what was due before and did not fire was missed
   * @param workflowId what is started for this time, the same each time it is asked
   * @param nextDueAt when it is due after that
   * @param at when this is asked
   */
  record FireSchedule(
      ScheduleId scheduleId, Instant dueAt, WorkflowId workflowId, Instant nextDueAt, Instant at)
      implements ScheduleCommand {
    public FireSchedule {
      dueAt = millis("dueAt", dueAt);
      nextDueAt = millis("nextDueAt", nextDueAt);
      at = millis("at", at);
      if (dueAt.isAfter(at)) {
        throw new InvalidField("dueAt", "must not be after %s, not %s".formatted(at, dueAt));
      }
      if (!nextDueAt.isAfter(dueAt)) {
        throw new InvalidField("nextDueAt", "must be after %s, not %s".formatted(dueAt, nextDueAt));
      }
    }
  }

  /**
   * Fires the schedule now, also one that is paused; what it is due by its timing stays so.
   *
   * @param triggerId the client's id of this: the same id again fires nothing twice
   * @param workflowId what is started, the same each time it is asked
   */
  record TriggerSchedule(ScheduleId scheduleId, String triggerId, WorkflowId workflowId, Instant at)
      implements ScheduleCommand {
    public TriggerSchedule {
      Checks.localId("triggerId", triggerId);
      at = millis("at", at);
    }
  }

  /** Tells the schedule that a workflow which it started has ended. */
  record EndRun(ScheduleId scheduleId, WorkflowId workflowId, RunEnd end)
      implements ScheduleCommand {}

  /** Lets nothing be due, and nothing that waits begin, until it is resumed. */
  record PauseSchedule(ScheduleId scheduleId, String reason) implements ScheduleCommand {
    public PauseSchedule {
      Checks.name("reason", reason);
    }
  }

  /**
   * Ends a pause. What would have been due in it is not made up for.
   *
   * @param nextDueAt when it is due first from now on
   */
  record ResumeSchedule(ScheduleId scheduleId, Instant nextDueAt) implements ScheduleCommand {
    public ResumeSchedule {
      nextDueAt = millis("nextDueAt", nextDueAt);
    }
  }

  /** Ends a schedule for good. What runs goes on; what waits is dropped. */
  record DeleteSchedule(ScheduleId scheduleId) implements ScheduleCommand {}

  private static Instant millis(String field, Instant time) {
    return Checks.present(field, time).truncatedTo(ChronoUnit.MILLIS);
  }
}

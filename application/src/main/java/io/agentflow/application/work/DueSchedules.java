package io.agentflow.application.work;

import io.agentflow.application.schedule.CronTimes;
import io.agentflow.application.schedule.ScheduledIds;
import io.agentflow.application.work.Timers.Timer;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.schedule.ScheduleCommand.FireSchedule;
import io.agentflow.domain.schedule.ScheduleEvent;
import io.agentflow.domain.schedule.ScheduleEvent.FiringQueued;
import io.agentflow.domain.schedule.ScheduleEvent.FiringSkipped;
import io.agentflow.domain.schedule.ScheduleEvent.RunEnded;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleDeleted;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleEvent.SchedulePaused;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleResumed;
import io.agentflow.domain.schedule.ScheduleId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which schedules are due when, folded event by event: each has one timer, for the time that its
 * last event names. One thread folds.
 */
final class DueSchedules {

  private static final Logger LOG = LoggerFactory.getLogger(DueSchedules.class);

  private final Timers timers;
  private final Map<String, CronTimes> times = new HashMap<>();

  DueSchedules(Timers timers) {
    this.timers = timers;
  }

  void apply(String tenantId, ScheduleEvent event) {
    switch (event) {
      case ScheduleCreated created -> {
        read(created);
        due(tenantId, created.scheduleId(), created.nextDueAt());
      }
      case ScheduleFired fired -> due(tenantId, fired.scheduleId(), fired.nextDueAt());
      case FiringQueued queued -> due(tenantId, queued.scheduleId(), queued.nextDueAt());
      case FiringSkipped skipped -> due(tenantId, skipped.scheduleId(), skipped.beforeAt());
      case ScheduleResumed resumed -> due(tenantId, resumed.scheduleId(), resumed.nextDueAt());
      case SchedulePaused paused -> timers.cancel(timerName(paused.scheduleId()));
      case ScheduleDeleted deleted -> {
        times.remove(deleted.scheduleId());
        timers.cancel(timerName(deleted.scheduleId()));
      }
      case RunEnded ended -> {
        // When it is due stays the same.
      }
    }
  }

  /** What an earlier version took must not stand in the way of all other work. */
  private void read(ScheduleCreated created) {
    try {
      times.put(created.scheduleId(), CronTimes.of(created.cron(), created.zone()));
    } catch (InvalidField | DateTimeException e) {
      LOG.error("schedule {} will not fire: {}", created.scheduleId(), e.getMessage());
    }
  }

  private void due(String tenantId, String scheduleId, @Nullable String dueAt) {
    CronTimes cron = times.get(scheduleId);
    if (cron == null || dueAt == null) {
      return;
    }
    Instant due = Instant.parse(dueAt);
    timers.set(
        new Timer(
            timerName(scheduleId),
            tenantId,
            scheduleId,
            due,
            null,
            at -> fire(new ScheduleId(scheduleId), cron, due, at)));
  }

  /** Of all times that have come, the last; what came before it was missed. */
  private static FireSchedule fire(ScheduleId id, CronTimes cron, Instant due, Instant at) {
    Instant latest = cron.latest(due, at);
    return new FireSchedule(id, latest, ScheduledIds.workflow(id, latest), cron.after(latest), at);
  }

  private static String timerName(String scheduleId) {
    return "schedule:" + scheduleId;
  }
}

package io.agentflow.domain.schedule;

import io.agentflow.domain.EventName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became true of a schedule. These records and their components are the storage format: they
 * are hashed into the log and have to load for ever. Change nothing here; add a version. Times are
 * of ISO 8601, in UTC: {@code 2026-01-02T03:04:05.678Z}.
 */
public sealed interface ScheduleEvent {

  String scheduleId();

  /** The plan is its definition as canonical JSON. */
  @EventName("schedule.created")
  record ScheduleCreated(
      String scheduleId,
      String name,
      String cron,
      String zone,
      String overlap,
      int queueMax,
      long catchUpMillis,
      String workflowName,
      String intent,
      Map<String, String> labels,
      @Nullable String budgetId,
      @Nullable Long budgetTokens,
      @Nullable Long budgetMicroDollars,
      String plan,
      String createdBy,
      String nextDueAt)
      implements ScheduleEvent {}

  /**
   * A workflow is to be started.
   *
   * @param scheduledAt the time for which it fires, which may be long past for one that waited
   * @param triggerId where it fires because somebody asked, rather than by its timing
   * @param nextDueAt when it is due next; absent while it is paused
   */
  @EventName("schedule.fired")
  record ScheduleFired(
      String scheduleId,
      String workflowId,
      String scheduledAt,
      @Nullable String triggerId,
      @Nullable String nextDueAt)
      implements ScheduleEvent {}

  /**
   * A firing waits for its turn.
   *
   * @param waiting how many wait now, this one included
   */
  @EventName("schedule.queued")
  record FiringQueued(
      String scheduleId,
      String workflowId,
      String scheduledAt,
      @Nullable String triggerId,
      int waiting,
      @Nullable String nextDueAt)
      implements ScheduleEvent {}

  /**
   * Whatever was due from a time on until before another will not fire.
   *
   * @param reason {@code overlap}: there was no room for it; {@code missed}: nobody was there
   */
  @EventName("schedule.skipped")
  record FiringSkipped(String scheduleId, String fromAt, String beforeAt, String reason)
      implements ScheduleEvent {}

  @EventName("schedule.run-ended")
  record RunEnded(String scheduleId, String workflowId, String end) implements ScheduleEvent {}

  @EventName("schedule.paused")
  record SchedulePaused(String scheduleId, String reason) implements ScheduleEvent {}

  @EventName("schedule.resumed")
  record ScheduleResumed(String scheduleId, String nextDueAt) implements ScheduleEvent {}

  @EventName("schedule.deleted")
  record ScheduleDeleted(String scheduleId) implements ScheduleEvent {}
}

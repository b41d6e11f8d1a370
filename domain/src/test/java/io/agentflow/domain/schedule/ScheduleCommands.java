package io.agentflow.domain.schedule;

import io.agentflow.domain.Histories;
import io.agentflow.domain.schedule.ScheduleCommand.CreateSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.DeleteSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.EndRun;
import io.agentflow.domain.schedule.ScheduleCommand.FireSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.PauseSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.ResumeSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.TriggerSchedule;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.Map;

/** What tests ask of one schedule that is due every minute, in few words. */
final class ScheduleCommands {

  static final ScheduleId ID = new ScheduleId("018f4e6a-0000-7000-8000-0000000000d1");
  static final int MINUTE_SECONDS = 60;

  private static final Instant FIRST = Instant.parse("2026-01-02T03:00:00Z");

  private ScheduleCommands() {}

  static Histories<ScheduleCommand, ScheduleEvent, Schedule, ScheduleRejection> history() {
    return new Histories<>(Schedule.initial(), Schedule::decide, Schedule::evolve);
  }

  /** The n-th time for which it is due, from 0. */
  static Instant due(int n) {
    return FIRST.plusSeconds((long) n * MINUTE_SECONDS);
  }

  static WorkflowId workflow(int n) {
    return new WorkflowId("018f4e6a-0000-7000-8000-%012d".formatted(n));
  }

  static WorkflowId triggered(int n) {
    return workflow(1_000_000 + n);
  }

  static CreateSchedule begin(Overlap overlap) {
    return begin(overlap, Overlap.QUEUE_DEFAULT, Timing.CATCH_UP_MILLIS_MAX);
  }

  static CreateSchedule begin(Overlap overlap, int queueMax, long catchUpMillis) {
    return begin(new Timing("* * * * *", "UTC", overlap, queueMax, catchUpMillis), "ada");
  }

  static CreateSchedule begin(Timing timing, String by) {
    return new CreateSchedule(ID, "nightly", timing, template(Map.of()), by, due(0));
  }

  static WorkflowTemplate template(Map<String, String> labels) {
    return new WorkflowTemplate("report", "report", labels, null, null, "{\"steps\":[]}");
  }

  /** The n-th time, told when it has come. */
  static FireSchedule fire(int n) {
    return fire(n, due(n));
  }

  static FireSchedule fire(int n, Instant at) {
    return new FireSchedule(ID, due(n), workflow(n), due(n + 1), at);
  }

  static TriggerSchedule trigger(int n, Instant at) {
    return new TriggerSchedule(ID, "t" + n, triggered(n), at);
  }

  static EndRun end(WorkflowId workflowId) {
    return new EndRun(ID, workflowId, RunEnd.COMPLETED);
  }

  static PauseSchedule pause() {
    return new PauseSchedule(ID, "holidays");
  }

  static ResumeSchedule resume(int n) {
    return new ResumeSchedule(ID, due(n));
  }

  static DeleteSchedule delete() {
    return new DeleteSchedule(ID);
  }
}

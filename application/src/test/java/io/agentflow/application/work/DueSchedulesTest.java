package io.agentflow.application.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.schedule.ScheduledIds;
import io.agentflow.application.work.Timers.Timer;
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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DueSchedulesTest {

  private static final ScheduleId ID = new ScheduleId("018f4e6a-0000-7000-8000-0000000000d1");
  private static final String WORKFLOW = "018f4e6a-0000-5000-8000-000000000001";
  private static final Instant FIRST = Instant.parse("2026-01-02T03:00:00Z");
  private static final Instant FAR = FIRST.plusSeconds(999_999);

  private final Timers timers = new Timers();
  private final DueSchedules schedules = new DueSchedules(timers);

  private void happened(ScheduleEvent... events) {
    for (ScheduleEvent event : events) {
      schedules.apply("acme", event);
    }
  }

  private static ScheduleCreated created(String cron) {
    return new ScheduleCreated(
        ID.value(),
        "n",
        cron,
        "UTC",
        "skip",
        1,
        60_000,
        "w",
        "",
        Map.of(),
        null,
        null,
        null,
        "{}",
        "ada",
        FIRST.toString());
  }

  private static String minute(int n) {
    return FIRST.plusSeconds(n * 60L).toString();
  }

  private void assertDueAt(String dueAt) {
    assertThat(timers.takeDue(FAR))
        .singleElement()
        .satisfies(timer -> assertThat(timer.dueAt()).hasToString(dueAt));
  }

  @Test
  void each_event_that_moves_the_next_time_moves_the_timer() {
    happened(created("* * * * *"));
    assertDueAt(minute(0));
    happened(new ScheduleFired(ID.value(), WORKFLOW, minute(0), null, minute(1)));
    assertDueAt(minute(1));
    happened(new FiringQueued(ID.value(), WORKFLOW, minute(1), null, 1, minute(2)));
    assertDueAt(minute(2));
    happened(new FiringSkipped(ID.value(), minute(2), minute(3), "overlap"));
    assertDueAt(minute(3));
    happened(new RunEnded(ID.value(), WORKFLOW, "completed"));
    assertThat(timers.takeDue(FAR)).isEmpty();
  }

  @Test
  void a_paused_schedule_is_not_due_also_when_it_is_triggered() {
    happened(
        created("* * * * *"),
        new SchedulePaused(ID.value(), "lunch"),
        new ScheduleFired(ID.value(), WORKFLOW, minute(0), "t1", null));
    assertThat(timers.takeDue(FAR)).isEmpty();

    happened(new ScheduleResumed(ID.value(), minute(9)));
    assertDueAt(minute(9));
  }

  @Test
  void a_deleted_schedule_is_never_due() {
    happened(created("* * * * *"), new ScheduleDeleted(ID.value()));
    assertThat(timers.takeDue(FAR)).isEmpty();
  }

  @Test
  void what_is_fired_is_the_last_time_that_has_come_with_an_id_of_its_own() {
    happened(created("* * * * *"));
    Timer timer = timers.takeDue(FAR).getFirst();
    Instant at = FIRST.plusSeconds(7 * 60 + 30);

    assertThat(timer.owner()).isEqualTo(ID.value());
    assertThat(timer.command().apply(at))
        .isEqualTo(
            new FireSchedule(
                ID,
                Instant.parse(minute(7)),
                ScheduledIds.workflow(ID, Instant.parse(minute(7))),
                Instant.parse(minute(8)),
                at));
  }

  @Test
  void one_that_cannot_be_read_any_more_does_not_stand_in_the_way() {
    happened(created("every night"));
    happened(new ScheduleFired(ID.value(), WORKFLOW, minute(0), null, minute(1)));
    assertThat(List.copyOf(timers.takeDue(FAR))).isEmpty();
  }
}

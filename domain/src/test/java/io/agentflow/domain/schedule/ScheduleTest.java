package io.agentflow.domain.schedule;

import static io.agentflow.domain.schedule.ScheduleCommands.ID;
import static io.agentflow.domain.schedule.ScheduleCommands.begin;
import static io.agentflow.domain.schedule.ScheduleCommands.delete;
import static io.agentflow.domain.schedule.ScheduleCommands.due;
import static io.agentflow.domain.schedule.ScheduleCommands.end;
import static io.agentflow.domain.schedule.ScheduleCommands.fire;
import static io.agentflow.domain.schedule.ScheduleCommands.pause;
import static io.agentflow.domain.schedule.ScheduleCommands.resume;
import static io.agentflow.domain.schedule.ScheduleCommands.template;
import static io.agentflow.domain.schedule.ScheduleCommands.trigger;
import static io.agentflow.domain.schedule.ScheduleCommands.triggered;
import static io.agentflow.domain.schedule.ScheduleCommands.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.Histories;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.schedule.ScheduleCommand.FireSchedule;
import io.agentflow.domain.schedule.ScheduleEvent.FiringQueued;
import io.agentflow.domain.schedule.ScheduleEvent.FiringSkipped;
import io.agentflow.domain.schedule.ScheduleEvent.RunEnded;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleResumed;
import io.agentflow.domain.schedule.ScheduleRejection.DifferentScheduleExists;
import io.agentflow.domain.schedule.ScheduleRejection.NoRoom;
import io.agentflow.domain.schedule.ScheduleRejection.ScheduleIsDeleted;
import io.agentflow.domain.schedule.ScheduleRejection.UnknownSchedule;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

  private final Histories<ScheduleCommand, ScheduleEvent, Schedule, ScheduleRejection> schedule =
      ScheduleCommands.history();

  /** What the last command recorded. */
  private List<ScheduleEvent> does(ScheduleCommand command) {
    int before = schedule.events().size();
    schedule.given(command);
    return List.copyOf(schedule.events().subList(before, schedule.events().size()));
  }

  private static ScheduleEvent fired(int n, int next) {
    return new ScheduleFired(
        ID.value(), workflow(n).value(), due(n).toString(), null, due(next).toString());
  }

  private static ScheduleEvent queued(int n, int waiting) {
    return new FiringQueued(
        ID.value(), workflow(n).value(), due(n).toString(), null, waiting, due(n + 1).toString());
  }

  private static ScheduleEvent skipped(int from, int before, String reason) {
    return new FiringSkipped(ID.value(), due(from).toString(), due(before).toString(), reason);
  }

  private static ScheduleEvent ended(int n) {
    return new RunEnded(ID.value(), workflow(n).value(), "completed");
  }

  @Test
  void it_fires_when_it_is_due_and_says_when_it_is_due_next() {
    schedule.given(begin(Overlap.SKIP));

    assertThat(does(fire(0))).containsExactly(fired(0, 1));
    assertThat(does(end(workflow(0)))).containsExactly(ended(0));
    assertThat(does(fire(1))).containsExactly(fired(1, 2));
  }

  @Test
  void a_time_fires_once_however_often_it_comes() {
    schedule.given(begin(Overlap.ALLOW), fire(0));

    schedule.isAlreadySo(fire(0));
    schedule.given(fire(1)).isAlreadySo(fire(0));
    schedule.isAlreadySo(fire(1, due(7)));
  }

  @Test
  void while_one_runs_skip_skips() {
    schedule.given(begin(Overlap.SKIP), fire(0));

    assertThat(does(fire(1))).containsExactly(skipped(1, 2, "overlap"));
    schedule.isAlreadySo(fire(1));
    schedule.given(end(workflow(0)));
    assertThat(does(fire(2))).containsExactly(fired(2, 3));
  }

  @Test
  void while_one_runs_queue_lets_the_next_wait_and_skips_what_finds_no_place() {
    schedule.given(begin(Overlap.QUEUE, 2, Timing.CATCH_UP_MILLIS_MAX), fire(0));

    assertThat(does(fire(1))).containsExactly(queued(1, 1));
    assertThat(does(fire(2))).containsExactly(queued(2, 2));
    assertThat(does(fire(3))).containsExactly(skipped(3, 4, "overlap"));
    assertThat(does(end(workflow(0)))).containsExactly(ended(0), fired(1, 4));
    schedule.isAlreadySo(end(workflow(0)));
    assertThat(does(fire(4))).containsExactly(queued(4, 2));
    assertThat(does(end(workflow(1)))).containsExactly(ended(1), fired(2, 5));
  }

  @Test
  void allow_starts_beside_what_runs_up_to_its_limit() {
    schedule.given(begin(Overlap.ALLOW));
    for (int n = 0; n < Overlap.RUNS_MAX; n++) {
      assertThat(does(fire(n))).containsExactly(fired(n, n + 1));
    }

    int one = Overlap.RUNS_MAX;
    assertThat(does(fire(one))).containsExactly(skipped(one, one + 1, "overlap"));
    schedule.given(end(workflow(7)));
    assertThat(does(fire(one + 1))).containsExactly(fired(one + 1, one + 2));
  }

  @Test
  void of_what_was_missed_only_the_latest_fires() {
    schedule.given(begin(Overlap.SKIP));

    assertThat(does(fire(5, due(5).plusSeconds(20))))
        .containsExactly(skipped(0, 5, "missed"), fired(5, 6));
    schedule.isAlreadySo(fire(3));
  }

  @Test
  void what_is_later_than_it_may_be_does_not_fire() {
    long tenSeconds = 10_000;
    schedule.given(begin(Overlap.SKIP, 1, tenSeconds));

    assertThat(does(fire(0, due(0).plusMillis(tenSeconds)))).containsExactly(fired(0, 1));
    schedule.given(end(workflow(0)));
    FireSchedule tooLate = fire(4, due(4).plusMillis(tenSeconds + 1));
    assertThat(does(tooLate)).containsExactly(skipped(1, 5, "missed"));
    schedule.isAlreadySo(tooLate);
  }

  @Test
  void a_trigger_fires_beside_the_timing_and_once_an_id() {
    schedule.given(begin(Overlap.ALLOW));

    assertThat(does(trigger(1, due(0).minusSeconds(30)))).containsExactly(byTrigger(1, due(0)));
    schedule.isAlreadySo(trigger(1, due(0).minusSeconds(10)));
    schedule.given(end(triggered(1))).isAlreadySo(trigger(1, due(9)));
    assertThat(does(fire(0))).containsExactly(fired(0, 1));
  }

  private static ScheduleEvent byTrigger(int n, @Nullable Instant next) {
    return new ScheduleFired(
        ID.value(),
        triggered(n).value(),
        due(0).minusSeconds(30).toString(),
        "t" + n,
        next == null ? null : next.toString());
  }

  @Test
  void a_trigger_that_finds_no_room_is_refused() {
    schedule.given(begin(Overlap.SKIP), fire(0));
    schedule.refuses(trigger(1, due(1)), new NoRoom(ID.value(), List.of(workflow(0).value()), 0));
  }

  @Test
  void a_pause_lets_nothing_be_due_and_what_it_missed_is_not_made_up_for() {
    schedule.given(begin(Overlap.SKIP), fire(0), end(workflow(0)), pause());

    schedule.isAlreadySo(pause());
    schedule.isAlreadySo(fire(1));
    assertThat(does(resume(8))).containsExactly(new ScheduleResumed(ID.value(), due(8).toString()));
    schedule.isAlreadySo(resume(9));
    assertThat(does(fire(8))).containsExactly(fired(8, 9));
  }

  @Test
  void a_paused_schedule_can_be_triggered() {
    schedule.given(begin(Overlap.SKIP), pause());
    assertThat(does(trigger(1, due(0).minusSeconds(30)))).containsExactly(byTrigger(1, null));
  }

  @Test
  void what_waits_when_it_is_paused_begins_when_it_is_resumed() {
    schedule.given(begin(Overlap.QUEUE), fire(0), fire(1), pause());

    assertThat(does(end(workflow(0)))).containsExactly(ended(0));
    assertThat(does(resume(5)))
        .containsExactly(new ScheduleResumed(ID.value(), due(5).toString()), fired(1, 5));
  }

  @Test
  void a_clock_that_was_set_back_repeats_nothing() {
    schedule.given(begin(Overlap.ALLOW), fire(5), pause());

    assertThat(does(resume(2))).containsExactly(new ScheduleResumed(ID.value(), due(6).toString()));
    schedule.isAlreadySo(fire(5));
  }

  @Test
  void a_deleted_schedule_fires_no_more() {
    schedule.given(begin(Overlap.QUEUE), fire(0), fire(1), delete());

    schedule.isAlreadySo(delete());
    schedule.isAlreadySo(fire(2));
    schedule.isAlreadySo(end(workflow(0)));
    for (ScheduleCommand late : List.of(trigger(1, due(3)), pause(), resume(4))) {
      schedule.refuses(late, new ScheduleIsDeleted(ID.value()));
    }
  }

  @Test
  void creating_it_again_is_already_so_whoever_asks_but_another_description_is_refused() {
    schedule.given(begin(Overlap.SKIP), fire(0));
    Timing timing = begin(Overlap.SKIP).timing();

    schedule.isAlreadySo(begin(timing, "bob"));
    schedule.refuses(begin(Overlap.ALLOW), new DifferentScheduleExists(ID.value()));
  }

  @Test
  void nothing_can_be_asked_of_a_schedule_that_is_not_there() {
    for (ScheduleCommand command :
        List.of(
            fire(0),
            trigger(1, due(0)),
            end(workflow(0)),
            pause(),
            resume(0),
            ScheduleCommands.delete())) {
      schedule.refuses(command, new UnknownSchedule(ID.value()));
    }
  }

  @Test
  void the_end_of_a_workflow_that_is_not_its_own_says_nothing() {
    schedule.given(begin(Overlap.SKIP), fire(0)).isAlreadySo(end(workflow(9)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+02:00", "Berlin", "", "europe/berlin"})
  void a_zone_is_a_name_of_the_time_zone_database(String zone) {
    assertThatThrownBy(() -> new Timing("* * * * *", zone, Overlap.SKIP, 1, 60_000))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("zone");
  }

  @Test
  void numbers_and_words_out_of_their_range_are_refused() {
    assertThatThrownBy(() -> new Timing("* * * * *", "UTC", Overlap.QUEUE, 0, 60_000))
        .hasMessage("queueMax must be 1 to 100, not 0");
    assertThatThrownBy(() -> new Timing("* * * * *", "UTC", Overlap.QUEUE, 101, 60_000))
        .hasMessage("queueMax must be 1 to 100, not 101");
    assertThatThrownBy(() -> new Timing("* * * * *", "UTC", Overlap.SKIP, 1, 9_999))
        .hasMessage("catchUpMillis must be 10000 to 31622400000, not 9999");
    assertThatThrownBy(() -> Overlap.of("replace"))
        .hasMessage("overlap must be one of skip, queue, allow, not \"replace\"");
    assertThatThrownBy(() -> new FireSchedule(ID, due(1), workflow(1), due(1), due(1)))
        .hasMessageContaining("nextDueAt");
    assertThatThrownBy(() -> new FireSchedule(ID, due(1), workflow(1), due(2), due(0)))
        .hasMessageContaining("dueAt");
  }

  @Test
  void a_template_has_no_labels_of_ours_and_not_two_budgets() {
    assertThatThrownBy(() -> template(Map.of("schedule", "x")))
        .hasMessage("workflow.labels.schedule is set by the schedule");
    assertThatThrownBy(
            () ->
                new WorkflowTemplate(
                    "a", "b", Map.of(), new BudgetId(ID.value()), Spend.of(1, 1), "{}"))
        .hasMessageContaining("budgetId");
  }
}

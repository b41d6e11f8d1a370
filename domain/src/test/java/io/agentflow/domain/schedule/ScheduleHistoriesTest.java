package io.agentflow.domain.schedule;

import static io.agentflow.domain.schedule.ScheduleCommands.begin;
import static io.agentflow.domain.schedule.ScheduleCommands.delete;
import static io.agentflow.domain.schedule.ScheduleCommands.due;
import static io.agentflow.domain.schedule.ScheduleCommands.end;
import static io.agentflow.domain.schedule.ScheduleCommands.fire;
import static io.agentflow.domain.schedule.ScheduleCommands.pause;
import static io.agentflow.domain.schedule.ScheduleCommands.resume;
import static io.agentflow.domain.schedule.ScheduleCommands.trigger;
import static io.agentflow.domain.schedule.ScheduleCommands.triggered;
import static io.agentflow.domain.schedule.ScheduleCommands.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.schedule.ScheduleEvent.FiringQueued;
import io.agentflow.domain.schedule.ScheduleEvent.FiringSkipped;
import io.agentflow.domain.schedule.ScheduleEvent.RunEnded;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleDeleted;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleEvent.SchedulePaused;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleResumed;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds after every prefix of any history. */
class ScheduleHistoriesTest {

  private static final int RUNS = 300;
  private static final int COMMANDS_A_RUN = 120;
  private static final int QUEUE_MAX = 2;

  /**
   * No more run than the policy allows, no more wait than there are places, each time and each
   * trigger fires at most once, each time is fired, skipped or in a pause, and the same command
   * delivered twice records once.
   */
  @ParameterizedTest
  @EnumSource
  void no_history_breaks_the_policy(Overlap overlap) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < RUNS; run++) {
      var history = ScheduleCommands.history();
      history.given(begin(overlap, QUEUE_MAX, 10_000 + random.nextInt(2) * 600_000L));
      Watch watch = new Watch(overlap);
      for (int step = 0; step < COMMANDS_A_RUN; step++) {
        ScheduleCommand command = anyCommand(random, step, watch);
        String where = "seed %d, run %d, step %d: %s".formatted(seed, run, step, command);
        if (history.when(command)
            instanceof Accepted<ScheduleEvent, ScheduleRejection>(List<ScheduleEvent> events)) {
          events.forEach(event -> watch.see(event, where));
          assertThat(history.when(command))
              .as(where)
              .isEqualTo(Decision.<ScheduleEvent, ScheduleRejection>alreadySo());
        }
      }
      Schedule folded = Schedule.initial();
      for (ScheduleEvent event : history.events()) {
        folded = Schedule.evolve(folded, event);
      }
      assertThat(folded).isEqualTo(history.state());
    }
  }

  /** What was seen of a schedule, reckoned from its events alone. */
  private static final class Watch {
    private final Overlap overlap;
    private final Set<String> running = new HashSet<>();
    private final List<String> waiting = new ArrayList<>();
    private final Set<String> firedFor = new HashSet<>();
    private Instant nextDueAt = due(0);
    private boolean paused;

    Watch(Overlap overlap) {
      this.overlap = overlap;
    }

    void see(ScheduleEvent event, String where) {
      switch (event) {
        case ScheduleCreated created -> throw new AssertionError("only once: " + where);
        case ScheduleFired fired -> {
          if (!waiting.isEmpty()) {
            assertThat(waiting.removeFirst()).as(where).isEqualTo(fired.workflowId());
          } else {
            admitted(fired.scheduledAt(), fired.triggerId(), where);
          }
          running.add(fired.workflowId());
          assertThat(running).as(where).hasSizeLessThanOrEqualTo(overlap.runsMax());
          assertThat(fired.nextDueAt() == null).as(where).isEqualTo(paused);
          next(fired.nextDueAt(), where);
        }
        case FiringQueued queued -> {
          assertThat(overlap).as(where).isEqualTo(Overlap.QUEUE);
          admitted(queued.scheduledAt(), queued.triggerId(), where);
          waiting.add(queued.workflowId());
          assertThat(waiting).as(where).hasSize(queued.waiting());
          assertThat(queued.waiting()).as(where).isLessThanOrEqualTo(QUEUE_MAX);
          next(queued.nextDueAt(), where);
        }
        case FiringSkipped skipped -> {
          assertThat(paused).as(where).isFalse();
          assertThat(skipped.fromAt()).as(where).isEqualTo(nextDueAt.toString());
          next(skipped.beforeAt(), where);
        }
        case RunEnded ended -> assertThat(running.remove(ended.workflowId())).as(where).isTrue();
        case SchedulePaused pause -> paused = true;
        case ScheduleResumed resumed -> {
          paused = false;
          next(resumed.nextDueAt(), where);
        }
        case ScheduleDeleted deleted -> paused = true;
      }
    }

    private void admitted(String scheduledAt, @Nullable String triggerId, String where) {
      if (triggerId == null) {
        assertThat(scheduledAt).as(where).isEqualTo(nextDueAt.toString());
      }
      assertThat(firedFor.add(triggerId == null ? scheduledAt : triggerId)).as(where).isTrue();
    }

    /** Time goes on: nothing is due again that was due before. */
    private void next(@Nullable String next, String where) {
      if (next != null) {
        assertThat(Instant.parse(next)).as(where).isAfterOrEqualTo(nextDueAt);
        nextDueAt = Instant.parse(next);
      }
    }
  }

  private static ScheduleCommand anyCommand(Random random, int step, Watch watch) {
    int soon = Math.max(0, step - 5 + random.nextInt(10));
    return switch (random.nextInt(20)) {
      case 0, 1 -> trigger(random.nextInt(30), due(step));
      case 2 -> pause();
      case 3, 4 -> resume(soon);
      case 5, 6, 7, 8 ->
          end(
              watch.running.isEmpty() || random.nextInt(4) == 0
                  ? random.nextBoolean()
                      ? workflow(random.nextInt(step + 1))
                      : triggered(random.nextInt(30))
                  : new WorkflowId(watch.running.iterator().next()));
      case 9 -> random.nextInt(30) == 0 ? delete() : begin(watch.overlap);
      case 10, 11 -> fire(soon, due(soon).plusSeconds(random.nextInt(1_200)));
      default -> fire(soon);
    };
  }

  /** Also in an order in which they never were decided. */
  @ParameterizedTest
  @EnumSource
  void evolve_refuses_nothing(Overlap overlap) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<ScheduleEvent> events = new ArrayList<>();
    for (int run = 0; run < 50; run++) {
      var history = ScheduleCommands.history();
      history.given(begin(overlap));
      Watch watch = new Watch(overlap);
      for (int step = 0; step < COMMANDS_A_RUN; step++) {
        history.when(anyCommand(random, step, watch));
      }
      events.addAll(history.events());
    }
    Collections.shuffle(events, random);
    Schedule schedule = Schedule.initial();
    for (ScheduleEvent event : events) {
      schedule = Schedule.evolve(schedule, event);
      assertThat(schedule).as("seed %d, %s", seed, event).isNotNull();
    }
  }
}

package io.agentflow.domain.workflow;

import static io.agentflow.domain.planning.StepDraft.work;
import static io.agentflow.domain.workflow.RunHistory.BUDGET;
import static io.agentflow.domain.workflow.RunHistory.ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.RetryPolicy;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.EndBackoff;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.GiveBackStep;
import io.agentflow.domain.workflow.RunCommand.LoseLease;
import io.agentflow.domain.workflow.RunCommand.ReportProgress;
import io.agentflow.domain.workflow.RunCommand.TimeOutStep;
import io.agentflow.domain.workflow.RunEvent.FailureCause;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepProgressed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowRejection.LeaseLost;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Attempts fail, take too long, lose their workers, and are made again. */
class AttemptsTest {

  @Test
  void a_failed_attempt_is_made_again_after_a_pause() {
    RunHistory run = RunHistory.running(work("a").attempts(3));

    assertThat(run.fails("a"))
        .containsExactly(
            new StepFailed(
                ID.value(),
                "a",
                1,
                "lease-a-1",
                FailureCause.REPORTED,
                "it broke",
                null,
                10,
                20,
                10,
                20),
            new StepRetryScheduled(ID.value(), "a", 2, run.now().plusMillis(1_000)));
    assertThat(run.phaseOf("a")).isEqualTo(Phase.BACKING_OFF);
    run.later(1_000).does(run.endBackoff("a"));
    assertThat(run.last(StepReady.class).attempt()).isEqualTo(2);
    run.completes("a");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void the_pause_grows_from_attempt_to_attempt_up_to_its_maximum() {
    RunHistory run = RunHistory.running(work("a").retry(new RetryPolicy(5, 1_000, 300, 5_000, 0)));
    for (long pauseMillis : new long[] {1_000, 3_000, 5_000, 5_000}) {
      run.fails("a");
      assertThat(Duration.between(run.now(), run.last(StepRetryScheduled.class).dueAt()).toMillis())
          .isEqualTo(pauseMillis);
      run.later(pauseMillis).does(run.endBackoff("a"));
    }
    run.fails("a");
    assertThat(run.phase()).isEqualTo("failed");
  }

  @Test
  void jitter_moves_a_pause_within_its_bounds_and_the_same_way_each_time() {
    RetryPolicy policy = new RetryPolicy(50, 10_000, 100, 10_000, 20);
    List<Long> pauses =
        IntStream.range(1, 50)
            .mapToObj(attempt -> policy.pauseMillisAfter(attempt, ID.value(), "a"))
            .toList();

    assertThat(pauses).allMatch(millis -> millis >= 8_000 && millis <= 12_000);
    assertThat(pauses.stream().distinct().count()).isGreaterThan(40);
    assertThat(pauses.stream().mapToLong(Long::longValue).average().orElseThrow())
        .isBetween(9_000.0, 11_000.0);
    RunHistory run = RunHistory.running(work("a").retry(policy));
    run.fails("a");
    assertThat(run.step("a").dueAt()).isEqualTo(run.now().plusMillis(pauses.getFirst()));
  }

  @Test
  void a_pause_does_not_end_early_twice_or_for_another_attempt() {
    RunHistory run = RunHistory.running(work("a").attempts(3));
    run.fails("a");

    run.isAlreadySo(run.endBackoff("a"));
    run.later(1_000);
    run.isAlreadySo(new EndBackoff(ID, "a", 1, run.now()));
    run.isAlreadySo(new EndBackoff(ID, "a", 3, run.now()));
    run.does(run.endBackoff("a"));
    run.isAlreadySo(new EndBackoff(ID, "a", 2, run.now()));
  }

  @Test
  void attempts_that_are_used_up_fail_the_workflow_with_the_reason() {
    RunHistory run = RunHistory.running(work("a").attempts(2), work("b"));
    run.fails("a");
    run.later(1_000).does(run.endBackoff("a"));
    run.fails("a");

    assertThat(run.last(WorkflowFailed.class).reason()).isEqualTo("step a failed: it broke");
    assertThat(run.phaseOf("b")).isEqualTo(Phase.CANCELLED);
    run.refuses(run.complete("b"), new LeaseLost("step b"));
  }

  @Test
  void a_failure_that_no_attempt_could_mend_is_not_tried_again() {
    RunHistory run = RunHistory.running(work("a").attempts(5));
    run.does(run.assign("a"));
    run.does(run.fail("a", false));

    assertThat(run.phase()).isEqualTo("failed");
  }

  @Test
  void a_lost_lease_makes_the_step_ready_again_at_once_without_using_up_its_attempts() {
    RunHistory run = RunHistory.running(work("a"));
    for (int lost = 1; lost <= Step.LEASES_LOST_MAX; lost++) {
      run.does(run.assign("a"));
      assertThat(run.does(run.lose("a")))
          .hasExactlyElementsOfTypes(StepFailed.class, StepReady.class);
      assertThat(run.step("a").attempt()).isEqualTo(lost + 1);
    }
    run.completes("a");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void workers_that_keep_vanishing_use_up_the_attempts_in_the_end() {
    RunHistory run = RunHistory.running(work("a").attempts(3));
    int leases = 0;
    while (run.phase().equals("running")) {
      if (run.phaseOf("a") == Phase.BACKING_OFF) {
        run.later(60_000).does(run.endBackoff("a"));
      }
      run.does(run.assign("a"));
      run.does(run.lose("a"));
      leases++;
      assertThat(leases).isLessThan(100);
    }
    assertThat(leases).isEqualTo(Step.LEASES_LOST_MAX + 3);
    assertThat(run.phase()).isEqualTo("failed");
  }

  @Test
  void lost_leases_do_not_take_attempts_away_from_real_failures() {
    RunHistory run = RunHistory.running(work("a").attempts(2));
    run.does(run.assign("a"));
    run.does(run.lose("a"));
    run.fails("a");

    assertThat(run.phaseOf("a")).isEqualTo(Phase.BACKING_OFF);
    assertThat(run.step("a").dueAt()).isEqualTo(run.now().plusMillis(1_000));
  }

  @Test
  void the_answer_of_a_worker_that_lost_its_lease_is_refused() {
    RunHistory run = RunHistory.running(work("a"));
    run.does(run.assign("a"));
    CompleteStep late = run.complete("a");
    FailStep lateFailure = run.fail("a");
    run.does(run.lose("a"));
    LeaseLost lost = new LeaseLost("step a");

    run.refuses(late, lost);
    run.refuses(lateFailure, lost);
    run.refuses(new ReportProgress(ID, "a", "lease-a-1", "half", 50), lost);
    run.does(run.assign("a"));
    run.refuses(late, lost);
    run.refuses(lateFailure, lost);
    run.does(run.complete("a"));
    run.refuses(late, lost);
  }

  @Test
  void an_answer_needs_the_lease_of_its_own_step() {
    RunHistory run = RunHistory.running(work("a"), work("b"));
    run.does(run.assign("a"));
    run.does(run.assign("b"));

    run.refuses(run.complete("a", "lease-b-1", "x"), new LeaseLost("step a"));
    run.refuses(run.complete("a", "lease-z-1", "x"), new LeaseLost("step a"));
    run.refuses(run.complete("none", "lease-a-1", "x"), new LeaseLost("step none"));
  }

  @Test
  void the_same_answer_twice_is_already_so_also_after_later_attempts_and_the_end() {
    RunHistory run = RunHistory.running(work("a").attempts(2));
    run.does(run.assign("a"));
    FailStep failed = run.fail("a");
    run.does(failed);
    run.isAlreadySo(failed);
    run.later(1_000).does(run.endBackoff("a"));
    run.isAlreadySo(failed);
    run.does(run.assign("a"));
    run.isAlreadySo(failed);
    CompleteStep completed = run.complete("a");
    run.does(completed);

    run.isAlreadySo(failed);
    run.isAlreadySo(completed);
    run.refuses(run.complete("a", "lease-a-2", "something else"), new LeaseLost("step a"));
    run.refuses(
        new CompleteStep(ID, "a", "lease-a-2", "a is done", Spend.of(11, 20), run.now()),
        new LeaseLost("step a"));
  }

  @Test
  void a_lease_that_is_not_held_any_more_is_not_lost_again() {
    RunHistory run = RunHistory.running(work("a"), work("b", "a"));
    run.does(run.assign("a"));
    LoseLease lose = run.lose("a");
    run.does(run.complete("a"));

    run.isAlreadySo(lose);
    run.isAlreadySo(new LoseLease(ID, "none", "lease-a-1", run.now()));
  }

  @Test
  void a_step_that_is_given_back_is_ready_at_once_and_what_it_has_cost_is_counted() {
    RunHistory run = RunHistory.running(work("a"));
    run.does(run.assign("a"));
    GiveBackStep back = new GiveBackStep(ID, "a", "lease-a-1", Spend.of(3, 4), run.now());

    run.does(back);
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
    assertThat(run.step("a").attempt()).isEqualTo(2);
    assertThat(run.last(StepFailed.class).cause()).isEqualTo(FailureCause.LEASE_LOST);
    assertThat(run.last(StepFailed.class).reason()).isEqualTo("its worker gave it back");
    assertThat(run.last(StepFailed.class).totalTokens()).isEqualTo(3);
    run.isAlreadySo(back);
    run.refuses(
        new GiveBackStep(ID, "a", "lease-a-1", Spend.NONE, run.now()), new LeaseLost("step a"));
    run.refuses(run.complete("a", "lease-a-1", "late"), new LeaseLost("step a"));
    run.completes("a");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void an_attempt_that_takes_longer_than_its_time_is_a_failed_one() {
    RunHistory run = RunHistory.running(work("a").timeout(5_000).attempts(2));
    run.does(run.assign("a"));

    assertThat(run.last(StepAssigned.class).timeoutAt()).isEqualTo(run.now().plusMillis(5_000));
    run.later(4_999).isAlreadySo(new TimeOutStep(ID, "a", "lease-a-1", run.now()));
    run.later(1);
    run.does(new TimeOutStep(ID, "a", "lease-a-1", run.now()));
    assertThat(run.last(StepFailed.class).cause()).isEqualTo(FailureCause.TIMED_OUT);
    assertThat(run.phaseOf("a")).isEqualTo(Phase.BACKING_OFF);
    run.isAlreadySo(new TimeOutStep(ID, "a", "lease-a-1", run.now()));
    run.later(1_000).does(run.endBackoff("a"));
    run.does(run.assign("a"));
    run.isAlreadySo(new TimeOutStep(ID, "a", "lease-a-1", run.now().plusSeconds(60)));
    run.later(5_000).does(new TimeOutStep(ID, "a", "lease-a-2", run.now()));
    assertThat(run.phase()).isEqualTo("failed");
  }

  @Test
  void progress_is_recorded_once_for_each_thing_that_is_said() {
    RunHistory run = RunHistory.running(work("a"));
    run.does(run.assign("a"));
    ReportProgress half = new ReportProgress(ID, "a", "lease-a-1", "halfway", 50);

    assertThat(run.does(half))
        .containsExactly(new StepProgressed(ID.value(), "a", 1, "halfway", 50));
    run.isAlreadySo(half);
    run.does(new ReportProgress(ID, "a", "lease-a-1", "nearly", 90));
    run.does(half);
    assertThat(run.events(StepProgressed.class)).hasSize(3);
  }

  @Test
  void each_attempt_says_where_it_has_a_reservation_until_it_is_over() {
    RunHistory run =
        RunHistory.createdWithBudget()
            .startedWith(AutonomyMode.FULL_AUTO, work("a").attempts(2), work("b"));
    run.fails("a");

    assertThat(run.last(StepFailed.class).budgetId()).isEqualTo(BUDGET.value());
    run.does(new RunCommand.CancelWorkflow(ID, "enough", run.now()));
    assertThat(run.events(RunEvent.StepCancelled.class))
        .containsExactly(
            new RunEvent.StepCancelled(ID.value(), "a", 1, null),
            new RunEvent.StepCancelled(ID.value(), "b", 1, BUDGET.value()));
    assertThat(run.events(StepCompleted.class)).isEmpty();
  }
}

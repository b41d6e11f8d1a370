package io.agentflow.domain.workflow;

import static io.agentflow.domain.planning.StepDraft.work;
import static io.agentflow.domain.workflow.RunHistory.ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Checks;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepDraft;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.RunCommand.CancelWorkflow;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.RetryStep;
import io.agentflow.domain.workflow.RunCommand.TimeOutWorkflow;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowRejection.StepNotInPhase;
import io.agentflow.domain.workflow.WorkflowRejection.WrongPhase;
import org.junit.jupiter.api.Test;

/** What was done is undone, the last thing first. */
class CompensationTest {

  /** Books and pays can be undone, between them is what cannot; the last step breaks it all. */
  private static RunHistory threeDone() {
    return RunHistory.createdWithBudget()
        .startedWith(
            AutonomyMode.FULL_AUTO,
            work("book").undoneBy("unbook").attempts(2),
            work("look", "book"),
            work("pay", "look").undoneBy("refund"),
            work("ship", "pay").onFailure(OnFailure.COMPENSATE))
        .completes("book", "look", "pay");
  }

  private static CancelWorkflow cancel(RunHistory run) {
    return new CancelWorkflow(ID, "not needed", run.now());
  }

  @Test
  void a_failure_that_compensates_undoes_in_reverse_order_and_fails() {
    RunHistory run = threeDone();
    assertThat(run.fails("ship"))
        .containsSubsequence(
            new CompensationStarted(ID.value(), false, "step ship failed: it broke"),
            new StepReady(
                ID.value(), "pay", 2, true, StepKind.TOOL, null, "refund", null, 0, null, 0, 0));
    assertThat(run.phase()).isEqualTo("compensating");
    assertThat(run.phaseOf("book")).isEqualTo(Phase.COMPLETED);

    run.completes("pay");
    assertThat(run.last(StepCompensated.class).stepId()).isEqualTo("pay");
    assertThat(run.last(StepReady.class).tool()).isEqualTo("unbook");
    run.completes("book");
    assertThat(run.phase()).isEqualTo("failed");
    assertThat(run.last(WorkflowFailed.class).reason()).isEqualTo("step ship failed: it broke");
    assertThat(run.phaseOf("book")).isEqualTo(Phase.UNDONE);
    assertThat(run.phaseOf("look")).isEqualTo(Phase.COMPLETED);
  }

  @Test
  void cancelling_undoes_what_was_done_before_it_ends_as_cancelled() {
    RunHistory run = threeDone();
    run.does(run.assign("ship"));
    run.does(cancel(run));

    assertThat(run.phaseOf("ship")).isEqualTo(Phase.CANCELLED);
    run.isAlreadySo(cancel(run));
    run.completes("pay", "book");
    assertThat(run.phase()).isEqualTo("cancelled");
    run.isAlreadySo(cancel(run));
  }

  @Test
  void a_deadline_that_passes_undoes_what_was_done() {
    RunHistory run = RunHistory.created();
    run.does(
        run.propose(
            AutonomyMode.FULL_AUTO,
            StepDraft.plan(work("book").undoneBy("unbook"), work("b", "book")),
            1_000));
    run.does(run.start());
    run.completes("book");
    run.later(1_000).does(new TimeOutWorkflow(ID, run.now()));

    assertThat(run.phase()).isEqualTo("compensating");
    run.isAlreadySo(new TimeOutWorkflow(ID, run.now()));
    run.completes("book");
    assertThat(run.phase()).isEqualTo("failed");
  }

  @Test
  void a_failure_that_does_not_compensate_leaves_done_what_is_done() {
    RunHistory run =
        RunHistory.running(work("book").undoneBy("unbook"), work("ship", "book")).completes("book");
    run.fails("ship");

    assertThat(run.phase()).isEqualTo("failed");
    assertThat(run.phaseOf("book")).isEqualTo(Phase.COMPLETED);
  }

  @Test
  void where_nothing_can_be_undone_the_workflow_fails_at_once() {
    RunHistory run =
        RunHistory.running(
            work("a").onFailure(OnFailure.COMPENSATE), work("b", "a").undoneBy("unbook"));
    run.fails("a");

    assertThat(run.phase()).isEqualTo("failed");
    assertThat(run.events(CompensationStarted.class)).isEmpty();
  }

  @Test
  void what_cannot_be_undone_stops_the_undoing_and_says_what_is_left() {
    RunHistory run = threeDone();
    run.fails("ship");
    run.fails("pay");

    assertThat(run.last(WorkflowFailed.class).reason())
        .isEqualTo(
            "step ship failed: it broke; step pay could not be undone: it broke;"
                + " not undone: book");
    assertThat(run.phaseOf("book")).isEqualTo(Phase.COMPLETED);
  }

  @Test
  void a_cancelled_workflow_that_could_not_be_undone_has_failed() {
    RunHistory run = threeDone();
    run.does(cancel(run));
    run.completes("pay");
    run.does(run.assign("book"));
    run.does(run.fail("book", false));

    assertThat(run.phase()).isEqualTo("failed");
    assertThat(run.last(WorkflowFailed.class).reason()).endsWith("not undone: nothing else");
  }

  @Test
  void undoing_has_all_the_attempts_of_its_step_whatever_doing_has_used() {
    RunHistory run =
        RunHistory.running(work("book").undoneBy("unbook").attempts(2), work("b", "book"));
    run.fails("book");
    run.later(1_000).does(run.endBackoff("book"));
    run.completes("book");
    run.does(cancel(run));
    run.fails("book");

    assertThat(run.phaseOf("book")).isEqualTo(Phase.BACKING_OFF);
    run.later(1_000).does(run.endBackoff("book"));
    assertThat(run.last(StepReady.class).compensation()).isTrue();
    assertThat(run.last(StepReady.class).attempt()).isEqualTo(4);
    run.completes("book");
    assertThat(run.phase()).isEqualTo("cancelled");
  }

  @Test
  void a_worker_that_vanishes_while_it_undoes_is_replaced() {
    RunHistory run = threeDone();
    run.does(cancel(run));
    run.does(run.assign("pay"));
    run.does(run.lose("pay"));

    assertThat(run.last(StepReady.class).compensation()).isTrue();
    run.completes("pay", "book");
    assertThat(run.phase()).isEqualTo("cancelled");
  }

  @Test
  void undoing_needs_no_reservation_and_no_approval_and_says_so() {
    RunHistory run =
        RunHistory.created()
            .startedWith(
                AutonomyMode.RISK_BASED,
                work("book").risk(Risk.HIGH).undoneBy("unbook"),
                work("b", "book"));
    run.does(run.grant("ada"));
    run.completes("book");
    run.does(cancel(run));
    run.does(run.assign("book", AutonomyMode.APPROVE_ALL));

    assertThat(run.last(StepAssigned.class).rule()).isEqualTo("what is undone needs no approval");
  }

  @Test
  void what_is_being_undone_is_not_paused_cancelled_planned_or_tried_again() {
    RunHistory run = threeDone();
    run.fails("ship");
    Plan other = StepDraft.plan(work("a"));

    run.refuses(run.pause(), new WrongPhase("pause", "compensating", "running by a plan"));
    run.refuses(cancel(run), new WrongPhase("cancel", "compensating", "created or running"));
    run.refuses(
        run.propose(AutonomyMode.FULL_AUTO, other),
        new WrongPhase("plan", "compensating", "created or running"));
    String wanted = "what the workflow failed by, with nothing undone since";
    run.refuses(new RetryStep(ID, "ship", run.now()), new StepNotInPhase("ship", "failed", wanted));
    run.fails("pay");
    run.refuses(new RetryStep(ID, "ship", run.now()), new StepNotInPhase("ship", "failed", wanted));
    run.refuses(new RetryStep(ID, "pay", run.now()), new StepNotInPhase("pay", "failed", wanted));
  }

  @Test
  void a_pause_ends_when_what_was_done_is_undone() {
    RunHistory run = threeDone();
    run.does(run.pause());
    run.does(cancel(run));

    run.completes("pay", "book");
    assertThat(run.phase()).isEqualTo("cancelled");
  }

  @Test
  void the_same_answer_twice_undoes_once() {
    RunHistory run = threeDone();
    run.does(cancel(run));
    run.does(run.assign("pay"));
    CompleteStep undone = run.complete("pay");
    run.does(undone);
    run.isAlreadySo(undone);
    run.does(run.assign("book"));
    FailStep failed = run.fail("book");
    run.does(failed);
    run.isAlreadySo(failed);
    assertThat(run.events(StepCompensated.class)).hasSize(1);
  }

  @Test
  void a_reason_that_grows_too_long_is_cut_between_characters() {
    RunHistory run = RunHistory.running(work("a"));
    run.does(run.assign("a"));
    String bikes = "🚲".repeat(WorkflowCommand.SENTENCE_CHARS_MAX / 2);
    run.does(new FailStep(ID, "a", "lease-a-1", bikes, false, Spend.NONE, run.now()));

    String reason = run.last(WorkflowFailed.class).reason();
    assertThat(reason).hasSizeBetween(9_999, 10_000).endsWith("🚲");
    assertThat(Checks.text("reason", reason, 10_000)).isEqualTo(reason);
  }
}

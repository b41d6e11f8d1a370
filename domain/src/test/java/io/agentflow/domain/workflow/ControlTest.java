package io.agentflow.domain.workflow;

import static io.agentflow.domain.planning.StepDraft.approval;
import static io.agentflow.domain.planning.StepDraft.plan;
import static io.agentflow.domain.planning.StepDraft.waiting;
import static io.agentflow.domain.planning.StepDraft.work;
import static io.agentflow.domain.workflow.RunHistory.BUDGET;
import static io.agentflow.domain.workflow.RunHistory.ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.StepDraft;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.Approval.Outcome;
import io.agentflow.domain.workflow.RunCommand.AskBudgetAgain;
import io.agentflow.domain.workflow.RunCommand.AskBudgetAgain.Refused;
import io.agentflow.domain.workflow.RunCommand.AwaitBudget;
import io.agentflow.domain.workflow.RunCommand.CancelWorkflow;
import io.agentflow.domain.workflow.RunCommand.EndWait;
import io.agentflow.domain.workflow.RunCommand.RetryStep;
import io.agentflow.domain.workflow.RunCommand.ReuseResults;
import io.agentflow.domain.workflow.RunCommand.SendSignal;
import io.agentflow.domain.workflow.RunCommand.TimeOutWorkflow;
import io.agentflow.domain.workflow.RunEvent.DeadlineSet;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
import io.agentflow.domain.workflow.RunEvent.RestartedFrom;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepResult;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowRejection.LeaseLost;
import io.agentflow.domain.workflow.WorkflowRejection.NoPlan;
import io.agentflow.domain.workflow.WorkflowRejection.PlanDropsWork;
import io.agentflow.domain.workflow.WorkflowRejection.ResultsDiffer;
import io.agentflow.domain.workflow.WorkflowRejection.SignalDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.StepNotInPhase;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownStep;
import io.agentflow.domain.workflow.WorkflowRejection.WrongPhase;
import java.util.List;
import org.junit.jupiter.api.Test;

/** People and time steer a run: pauses, signals, deadlines, new plans, second tries. */
class ControlTest {

  private static final WorkflowId ORIGIN = new WorkflowId("018f4e6a-0000-7000-8000-0000000000ff");

  private static CancelWorkflow cancel(RunHistory run) {
    return new CancelWorkflow(ID, "not needed", run.now());
  }

  private static SendSignal signal(RunHistory run, String id, String payload) {
    return new SendSignal(ID, id, "go", payload, run.now());
  }

  private static AwaitBudget refused(String stepId, int attempt) {
    return new AwaitBudget(ID, BUDGET.value(), stepId, attempt, "too little left");
  }

  private static AskBudgetAgain room(RunHistory run, String stepId, int attempt) {
    return new AskBudgetAgain(ID, BUDGET.value(), List.of(new Refused(stepId, attempt)), run.now());
  }

  private static RunHistory withBudget(StepDraft... steps) {
    return RunHistory.createdWithBudget().startedWith(AutonomyMode.FULL_AUTO, steps);
  }

  @Test
  void in_a_pause_nothing_is_handed_out_but_running_attempts_may_answer() {
    RunHistory run = RunHistory.running(work("a"), work("b"), work("c", "a"));
    run.does(run.assign("a"));
    run.does(run.pause());

    assertThat(run.phase()).isEqualTo("paused");
    run.refuses(run.assign("b"), new WrongPhase("hand out a step of", "paused", "running"));
    run.does(run.complete("a"));
    assertThat(run.phaseOf("c")).isEqualTo(Phase.WAITING);
    assertThat(run.does(run.resume()))
        .satisfiesExactly(
            resumed -> assertThat(resumed).isEqualTo(new WorkflowResumed(ID.value())),
            again -> assertThat(again).isEqualTo(readyOf("b")),
            next -> assertThat(next).isEqualTo(readyOf("c")));
    run.completes("b", "c");
    assertThat(run.phase()).isEqualTo("completed");
  }

  private static StepReady readyOf(String stepId) {
    return new StepReady(
        ID.value(), stepId, 1, false, StepKind.AGENT, "work", null, null, 0, null, 100, 200);
  }

  @Test
  void a_workflow_whose_last_step_is_done_in_a_pause_completes_when_it_is_resumed() {
    RunHistory run = RunHistory.running(work("a"));
    run.does(run.assign("a"));
    run.does(run.pause());
    run.does(run.complete("a"));
    assertThat(run.phase()).isEqualTo("paused");

    run.does(run.resume());
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void pauses_before_attempts_that_end_in_a_pause_are_over_when_it_is_resumed() {
    RunHistory run = RunHistory.running(work("a").attempts(2), work("b").attempts(3));
    run.fails("a");
    run.later(600);
    run.fails("b");
    run.does(run.pause());
    run.later(400).isAlreadySo(run.endBackoff("a"));

    run.does(run.resume());
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
    assertThat(run.step("a").attempt()).isEqualTo(2);
    assertThat(run.phaseOf("b")).isEqualTo(Phase.BACKING_OFF);
    run.later(600).does(run.endBackoff("b"));
    assertThat(run.phaseOf("b")).isEqualTo(Phase.READY);
  }

  @Test
  void pausing_and_resuming_twice_is_already_so() {
    RunHistory run = RunHistory.running(work("a"));
    run.isAlreadySo(run.resume());
    run.does(run.pause());
    run.isAlreadySo(run.pause());
    run.does(run.resume());
    run.isAlreadySo(run.resume());
  }

  @Test
  void what_the_budget_refuses_waits_and_asks_again_as_the_next_attempt() {
    RunHistory run = withBudget(work("a"), work("b"));
    run.isAlreadySo(new AwaitBudget(ID, "another budget", "a", 1, "too little left"));
    assertThat(run.does(refused("a", 1)))
        .containsExactly(
            new StepUnfunded(ID.value(), "a", 1, BUDGET.value()),
            new WorkflowPaused(ID.value(), "too little left", BUDGET.value()));
    assertThat(run.does(refused("b", 1)))
        .containsExactly(new StepUnfunded(ID.value(), "b", 1, BUDGET.value()));
    run.isAlreadySo(refused("a", 1));
    run.isAlreadySo(
        new AskBudgetAgain(ID, "another budget", List.of(new Refused("a", 1)), run.now()));

    assertThat(run.does(room(run, "a", 1)))
        .hasExactlyElementsOfTypes(WorkflowResumed.class, StepReady.class, StepReady.class);
    assertThat(run.step("a").attempt()).isEqualTo(2);
    run.isAlreadySo(room(run, "a", 1));
    run.completes("a", "b");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void what_is_reserved_is_done_while_another_step_waits_for_the_budget() {
    RunHistory run = withBudget(work("a"), work("b"), work("c").needs("a"));
    run.does(refused("b", 1));

    run.completes("a");
    assertThat(run.phase()).isEqualTo("paused");
    assertThat(run.phaseOf("c")).isEqualTo(Phase.WAITING);
    run.does(room(run, "b", 1));
    run.completes("b", "c");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void what_is_told_late_of_a_budget_changes_nothing() {
    RunHistory run = withBudget(work("a"));
    run.does(refused("a", 1));
    run.does(room(run, "a", 1));
    run.isAlreadySo(refused("a", 1));
    run.does(refused("a", 2));
    run.isAlreadySo(room(run, "a", 1));
    assertThat(run.phase()).isEqualTo("paused");
    run.does(room(run, "a", 2));

    run.does(run.assign("a"));
    run.isAlreadySo(refused("a", 3));
    run.does(run.complete("a"));
    run.isAlreadySo(refused("a", 3));
    run.isAlreadySo(room(run, "a", 2));
  }

  @Test
  void who_is_paused_by_a_person_does_not_wait_for_the_budget_and_asks_anew_when_resumed() {
    RunHistory run = withBudget(work("a"), work("b"));
    run.does(refused("a", 1));
    assertThat(run.does(run.pause()))
        .containsExactly(
            new StepCancelled(ID.value(), "a", 1, BUDGET.value()),
            new WorkflowPaused(ID.value(), "lunch", null));
    run.isAlreadySo(run.pause());
    assertThat(run.does(refused("b", 1)))
        .containsExactly(new StepCancelled(ID.value(), "b", 1, BUDGET.value()));
    run.isAlreadySo(room(run, "a", 1));

    run.does(run.resume());
    assertThat(run.phase()).isEqualTo("running");
    assertThat(run.step("a").attempt()).isEqualTo(2);
    assertThat(run.step("b").attempt()).isEqualTo(2);
    run.completes("a", "b");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void a_person_ends_a_budgets_pause() {
    RunHistory run = withBudget(work("a"));
    run.does(refused("a", 1));

    run.does(run.resume());
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
    assertThat(run.step("a").attempt()).isEqualTo(2);
  }

  @Test
  void a_cancelled_workflow_waits_for_no_budget() {
    RunHistory run = withBudget(work("a"));
    run.does(refused("a", 1));

    assertThat(run.does(cancel(run)))
        .contains(new StepCancelled(ID.value(), "a", 1, BUDGET.value()));
  }

  @Test
  void a_wait_is_over_when_its_time_is() {
    RunHistory run = RunHistory.running(waiting("w", 5_000, null), work("a").needs("w"));

    assertThat(run.last(WaitStarted.class))
        .isEqualTo(new WaitStarted(ID.value(), "w", run.now().plusMillis(5_000), null));
    run.later(4_999).isAlreadySo(new EndWait(ID, "w", run.now()));
    run.later(1).does(new EndWait(ID, "w", run.now()));
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
    run.isAlreadySo(new EndWait(ID, "w", run.now()));
  }

  @Test
  void a_wait_for_a_signal_is_over_with_it_and_has_its_payload() {
    RunHistory run = RunHistory.running(waiting("w", 0, "go"), work("a").needs("w"));
    run.isAlreadySo(new EndWait(ID, "w", run.now().plusSeconds(999)));
    run.does(new SendSignal(ID, "s0", "stop", "no", run.now()));
    assertThat(run.phaseOf("w")).isEqualTo(Phase.TIMED);

    run.does(signal(run, "s1", "yes"));
    assertThat(run.step("w").result()).isEqualTo("yes");
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
  }

  @Test
  void a_signal_that_came_before_the_wait_is_not_missed() {
    RunHistory run = RunHistory.created();
    run.does(
        run.propose(AutonomyMode.FULL_AUTO, plan(work("a"), waiting("w", 0, "go").needs("a"))));
    run.does(signal(run, "s1", "early"));
    run.does(run.start());
    run.completes("a");

    assertThat(run.last(WorkflowCompleted.class).result()).isEqualTo("early");
  }

  @Test
  void of_a_time_and_a_signal_whichever_comes_first_ends_the_wait() {
    RunHistory bySignal = RunHistory.running(waiting("w", 5_000, "go"));
    bySignal.does(signal(bySignal, "s1", "now"));
    bySignal.later(5_000).isAlreadySo(new EndWait(ID, "w", bySignal.now()));
    RunHistory byTime = RunHistory.running(waiting("w", 5_000, "go"));
    byTime.later(5_000).does(new EndWait(ID, "w", byTime.now()));

    assertThat(bySignal.phase()).isEqualTo("completed");
    assertThat(byTime.phase()).isEqualTo("completed");
    byTime.refuses(
        signal(byTime, "s1", "late"), new WrongPhase("signal", "completed", "created or running"));
  }

  @Test
  void a_signal_sent_twice_counts_once_and_its_id_is_not_used_again() {
    RunHistory run = RunHistory.running(waiting("w", 0, "go"), work("a"));
    SendSignal first = signal(run, "s1", "yes");
    run.does(first);

    run.isAlreadySo(first);
    run.refuses(signal(run, "s1", "no"), new SignalDiffers("s1"));
    run.does(signal(run, "s2", "no"));
    assertThat(run.step("w").result()).isEqualTo("yes");
    run.completes("a");
    run.isAlreadySo(first);
  }

  @Test
  void a_signal_to_a_workflow_without_a_plan_is_only_recorded() {
    RunHistory run = RunHistory.created();
    run.does(run.start());
    run.does(signal(run, "s1", "yes"));

    assertThat(run.phase()).isEqualTo("running");
  }

  @Test
  void a_wait_that_ends_in_a_pause_begins_nothing() {
    RunHistory run = RunHistory.running(waiting("w", 0, "go"), work("a").needs("w"));
    run.does(run.pause());
    run.does(signal(run, "s1", "yes"));

    assertThat(run.phaseOf("w")).isEqualTo(Phase.COMPLETED);
    assertThat(run.phaseOf("a")).isEqualTo(Phase.WAITING);
  }

  @Test
  void a_workflow_that_takes_longer_than_its_time_fails() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a"), work("b")), 60_000));
    run.does(run.start());
    run.does(run.assign("a"));

    assertThat(run.last(DeadlineSet.class).dueAt()).isEqualTo(run.now().plusMillis(60_000));
    run.later(59_999).isAlreadySo(new TimeOutWorkflow(ID, run.now()));
    run.later(1).does(new TimeOutWorkflow(ID, run.now()));
    assertThat(run.last(WorkflowFailed.class).reason())
        .isEqualTo("the workflow took longer than its time");
    run.refuses(run.complete("a"), new LeaseLost("step a"));
    run.isAlreadySo(new TimeOutWorkflow(ID, run.now()));
  }

  @Test
  void a_workflow_without_a_deadline_is_never_late() {
    RunHistory run = RunHistory.running(work("a"));

    run.later(999_999_999).isAlreadySo(new TimeOutWorkflow(ID, run.now()));
  }

  @Test
  void a_new_version_with_another_time_gets_another_deadline_or_none() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a")), 60_000));
    run.does(run.start());
    run.later(50_000).does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a")), 90_000));
    assertThat(run.last(DeadlineSet.class).dueAt()).isEqualTo(run.now().plusMillis(90_000));

    run.later(10_000).isAlreadySo(new TimeOutWorkflow(ID, run.now()));
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a")), 0));
    run.later(999_999).isAlreadySo(new TimeOutWorkflow(ID, run.now()));
  }

  @Test
  void cancelling_ends_what_is_open_and_nobody_can_answer_any_more() {
    RunHistory run =
        RunHistory.createdWithBudget()
            .startedWith(
                AutonomyMode.FULL_AUTO,
                work("a"),
                work("b"),
                waiting("w", 1_000, null),
                approval("ok", ApprovalRule.ANYONE));
    run.does(run.assign("a"));
    run.does(cancel(run));

    assertThat(run.phase()).isEqualTo("cancelled");
    assertThat(run.events(StepCancelled.class))
        .containsExactly(
            new StepCancelled(ID.value(), "a", 1, BUDGET.value()),
            new StepCancelled(ID.value(), "b", 1, BUDGET.value()),
            new StepCancelled(ID.value(), "w", 0, null),
            new StepCancelled(ID.value(), "ok", 0, null));
    assertThat(run.approval("ok.v1").outcome()).isEqualTo(Outcome.WITHDRAWN);
    assertThat(run.last(WorkflowCancelled.class).reason()).isEqualTo("not needed");
    run.refuses(run.complete("a"), new LeaseLost("step a"));
    run.isAlreadySo(cancel(run));
  }

  @Test
  void what_was_only_created_can_be_cancelled_with_its_open_proposal() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"))));
    run.does(cancel(run));

    assertThat(run.phase()).isEqualTo("cancelled");
    assertThat(run.approval("plan.v1").outcome()).isEqualTo(Outcome.WITHDRAWN);
    assertThat(run.events(PlanRejected.class)).hasSize(1);
    run.isAlreadySo(run.start());
    assertThat(run.phase()).isEqualTo("cancelled");
  }

  @Test
  void a_workflow_without_a_plan_can_be_cancelled_and_a_finished_one_cannot() {
    RunHistory planless = RunHistory.created();
    planless.does(planless.start());
    planless.does(cancel(planless));
    assertThat(planless.phase()).isEqualTo("cancelled");
    RunHistory done = RunHistory.running(work("a")).completes("a");

    done.refuses(cancel(done), new WrongPhase("cancel", "completed", "created or running"));
  }

  @Test
  void a_failed_step_that_is_tried_again_takes_its_workflow_with_it() {
    RunHistory run =
        RunHistory.running(work("a").attempts(2), work("b").attempts(2), work("c", "a", "b"));
    run.does(run.assign("b"));
    run.does(run.assign("a"));
    run.does(run.fail("a", false));
    assertThat(run.phase()).isEqualTo("failed");
    RetryStep retry = new RetryStep(ID, "a", run.now());

    assertThat(run.does(retry))
        .hasExactlyElementsOfTypes(WorkflowReopened.class, StepReady.class, StepReady.class);
    assertThat(run.step("a").attempt()).isEqualTo(2);
    assertThat(run.step("b").attempt()).isEqualTo(2);
    run.isAlreadySo(retry);
    run.fails("a");
    assertThat(run.phaseOf("a")).isEqualTo(Phase.BACKING_OFF);
    run.fails("b");
    assertThat(run.phaseOf("b")).isEqualTo(Phase.BACKING_OFF);
    run.later(1_000).does(run.endBackoff("a"));
    run.does(run.endBackoff("b"));
    run.completes("a", "b", "c");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void what_failed_in_a_pause_goes_on_unpaused_when_it_is_tried_again_with_its_time_anew() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a")), 60_000));
    run.does(run.start());
    run.does(run.assign("a"));
    run.does(run.pause());
    run.does(run.fail("a"));
    assertThat(run.phase()).isEqualTo("failed");

    run.later(70_000).does(new RetryStep(ID, "a", run.now()));
    assertThat(run.phase()).isEqualTo("running");
    run.isAlreadySo(new TimeOutWorkflow(ID, run.now()));
    run.completes("a");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void only_what_a_workflow_failed_by_is_tried_again() {
    RunHistory run =
        RunHistory.running(work("skipped").onFailure(OnFailure.SKIP), work("a"), work("b", "a"));
    String wanted = "what the workflow failed by, with nothing undone since";
    run.fails("skipped");
    run.refuses(
        new RetryStep(ID, "skipped", run.now()), new StepNotInPhase("skipped", "skipped", wanted));
    run.refuses(new RetryStep(ID, "none", run.now()), new UnknownStep("none"));
    run.completes("a");
    run.fails("b");

    run.refuses(new RetryStep(ID, "a", run.now()), new StepNotInPhase("a", "completed", wanted));
    run.does(new RetryStep(ID, "b", run.now()));
  }

  @Test
  void a_restarted_workflow_does_not_do_again_what_its_origin_has_done() {
    RunHistory run = RunHistory.created();
    ReuseResults reuse =
        new ReuseResults(ID, ORIGIN, "b", List.of(new StepResult("a", "from before")));
    run.refuses(reuse, new NoPlan());
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a"), work("b", "a"))));
    run.does(reuse);

    assertThat(run.events(RestartedFrom.class)).hasSize(1);
    run.isAlreadySo(reuse);
    run.refuses(new ReuseResults(ID, ORIGIN, "b", List.of()), new ResultsDiffer(ORIGIN.value()));
    run.does(run.start());
    run.isAlreadySo(reuse);
    assertThat(run.step("a").result()).isEqualTo("from before");
    assertThat(run.phaseOf("b")).isEqualTo(Phase.READY);
    run.completes("b");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void results_are_taken_over_only_for_steps_of_the_plan_and_before_the_start() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a"), work("b", "a"))));
    run.refuses(
        new ReuseResults(ID, ORIGIN, "b", List.of(new StepResult("z", "x"))), new UnknownStep("z"));
    run.refuses(new ReuseResults(ID, ORIGIN, "z", List.of()), new UnknownStep("z"));
    run.does(run.start());

    run.refuses(
        new ReuseResults(ID, ORIGIN, "b", List.of(new StepResult("a", "x"))),
        new WrongPhase("take over results into", "running", "created"));
  }

  @Test
  void a_plan_that_waits_for_its_approval_keeps_the_steps_whose_results_were_taken_over() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"), work("b", "a"))));
    run.does(new ReuseResults(ID, ORIGIN, "b", List.of(new StepResult("a", "x"))));

    run.refuses(
        run.propose(AutonomyMode.APPROVE_ALL, plan(work("a").input("[]"), work("b", "a"))),
        new PlanDropsWork(List.of("a")));
  }

  @Test
  void a_new_version_of_the_plan_keeps_what_is_done_and_goes_on_with_the_rest() {
    RunHistory run = RunHistory.running(work("a"), work("b", "a"), work("c", "b"));
    run.completes("a");
    run.does(run.assign("b"));

    run.does(
        run.propose(
            AutonomyMode.FULL_AUTO,
            plan(work("a"), work("b", "a"), work("d"), work("e", "d", "b"))));
    assertThat(run.events(StepReady.class).stream().map(StepReady::stepId))
        .containsExactly("a", "b", "d");
    run.does(run.complete("b"));
    run.completes("d", "e");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void a_new_version_that_drops_or_changes_begun_work_is_refused() {
    RunHistory run = RunHistory.running(work("a"), work("b"), work("c", "a"));
    run.completes("a");

    run.refuses(
        run.propose(AutonomyMode.FULL_AUTO, plan(work("b"), work("c"))),
        new PlanDropsWork(List.of("a", "c")));
    run.refuses(
        run.propose(AutonomyMode.FULL_AUTO, plan(work("a"), work("b").estimate(5), work("c", "a"))),
        new PlanDropsWork(List.of("b")));
  }

  @Test
  void a_version_whose_steps_begin_while_it_waits_is_rejected_in_the_end() {
    RunHistory run = RunHistory.running(work("a"), work("b", "a"));
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"), work("c", "a"))));
    run.completes("a");
    run.does(run.grant("ada"));

    assertThat(run.last(PlanRejected.class).reason()).startsWith("steps b have begun meanwhile");
    run.completes("b");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void the_same_plan_again_is_already_so_and_under_another_mode_it_is_a_new_version() {
    RunHistory run = RunHistory.running(work("a"));

    run.isAlreadySo(run.propose(AutonomyMode.FULL_AUTO, plan(work("a"))));
    run.does(run.propose(AutonomyMode.RISK_BASED, plan(work("a"))));
    assertThat(run.run().versions()).isEqualTo(2);
  }
}

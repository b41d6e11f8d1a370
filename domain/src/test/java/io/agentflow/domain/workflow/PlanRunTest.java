package io.agentflow.domain.workflow;

import static io.agentflow.domain.planning.StepDraft.plan;
import static io.agentflow.domain.planning.StepDraft.waiting;
import static io.agentflow.domain.planning.StepDraft.work;
import static io.agentflow.domain.workflow.RunHistory.AGENT;
import static io.agentflow.domain.workflow.RunHistory.BUDGET;
import static io.agentflow.domain.workflow.RunHistory.ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.agentflow.domain.Checks;
import io.agentflow.domain.Decision;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.RetryStep;
import io.agentflow.domain.workflow.RunCommand.ReuseResults;
import io.agentflow.domain.workflow.RunEvent.PlanApproved;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepResult;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.WorkflowCommand.CompleteWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.FailWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.LaunchWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.domain.workflow.WorkflowRejection.LeaseLost;
import io.agentflow.domain.workflow.WorkflowRejection.NoPlan;
import io.agentflow.domain.workflow.WorkflowRejection.NotReserved;
import io.agentflow.domain.workflow.WorkflowRejection.PlanDecides;
import io.agentflow.domain.workflow.WorkflowRejection.PlanNotApproved;
import io.agentflow.domain.workflow.WorkflowRejection.StepNotInPhase;
import io.agentflow.domain.workflow.WorkflowRejection.TotalTooLarge;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownStep;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownWorkflow;
import io.agentflow.domain.workflow.WorkflowRejection.WrongPhase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Steps follow each other as the plan says, from the start to the outcome. */
class PlanRunTest {

  @Test
  void a_workflow_is_launched_with_its_plan_in_one_go_and_once() {
    RunHistory byHand = RunHistory.running(work("a"), work("b", "a"));
    RunHistory run = RunHistory.absent();
    LaunchWorkflow launch = run.launch(AutonomyMode.FULL_AUTO, plan(work("a"), work("b", "a")));

    assertThat(run.does(launch)).isEqualTo(byHand.events());
    run.isAlreadySo(launch);
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a"), work("c", "a"))));
    run.isAlreadySo(launch);
  }

  @Test
  void a_launch_is_refused_as_a_whole() {
    RunHistory run = RunHistory.absent();
    run.refuses(run.launch(AutonomyMode.APPROVE_ALL, plan(work("a"))), new PlanNotApproved(1));
    run.refuses(run.launch(AutonomyMode.PLAN_ONLY, plan(work("a"))), new PlanNotApproved(1));
    assertThat(run.events()).isEmpty();
    assertThatThrownBy(
            () ->
                new LaunchWorkflow(
                    new CreateWorkflow(
                        new WorkflowId(AGENT.value()), "run", "", null, null, Map.of()),
                    run.propose(AutonomyMode.FULL_AUTO, plan(work("a")))))
        .hasMessageContaining("workflowId");
  }

  @Test
  void a_linear_plan_runs_step_by_step_to_its_outcome() {
    RunHistory run = RunHistory.created();
    assertThat(run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a"), work("b", "a")))))
        .satisfiesExactly(
            proposed -> assertThat(proposed).isInstanceOf(PlanProposed.class),
            approved ->
                assertThat(approved)
                    .isInstanceOfSatisfying(
                        PlanApproved.class,
                        event -> assertThat(event.rule()).isEqualTo("full_auto approves plans")));

    assertThat(run.does(run.start()))
        .containsExactly(
            new WorkflowStarted(ID.value()),
            new StepReady(
                ID.value(), "a", 1, false, StepKind.AGENT, "work", null, null, 0, null, 100, 200));
    assertThat(run.does(run.assign("a")))
        .containsExactly(
            new StepAssigned(
                ID.value(),
                "a",
                1,
                AGENT.value(),
                "lease-a-1",
                run.now().plusMillis(RunHistory.LEASE_MILLIS),
                run.now().plusMillis(RunHistory.TIMEOUT_MILLIS_DEFAULT),
                AutonomyMode.FULL_AUTO,
                Risk.LOW,
                "full_auto runs steps below critical risk"));
    assertThat(run.does(run.complete("a")))
        .hasExactlyElementsOfTypes(StepCompleted.class, StepReady.class);
    run.does(run.assign("b"));
    assertThat(run.does(run.complete("b")))
        .containsExactly(
            new StepCompleted(ID.value(), "b", 1, "lease-b-1", "b is done", null, 10, 20, 20, 40),
            new WorkflowCompleted(ID.value(), "b is done", 20, 40));
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void steps_that_need_nothing_of_each_other_are_ready_together_and_meet_again() {
    RunHistory run =
        RunHistory.running(
            work("a"), work("left", "a"), work("right", "a"), work("end", "left", "right"));
    run.completes("a");

    assertThat(run.phaseOf("left")).isEqualTo(Phase.READY);
    assertThat(run.phaseOf("right")).isEqualTo(Phase.READY);
    run.completes("right");
    assertThat(run.phaseOf("end")).isEqualTo(Phase.WAITING);
    run.completes("left");
    assertThat(run.phaseOf("end")).isEqualTo(Phase.READY);
    run.completes("end");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void a_plan_with_several_ends_says_that_all_is_done() {
    RunHistory run = RunHistory.running(work("a"), work("b")).completes("a", "b");

    assertThat(run.last(WorkflowCompleted.class).result()).isEqualTo("all 2 steps are done");
  }

  @Test
  void a_result_too_long_for_an_outcome_stays_with_its_step() {
    RunHistory run = RunHistory.running(work("a"));
    run.does(run.assign("a"));
    run.does(run.complete("a", "lease-a-1", "x".repeat(WorkflowCommand.SENTENCE_CHARS_MAX + 1)));

    assertThat(run.last(WorkflowCompleted.class).result()).isEqualTo("all 1 steps are done");
  }

  @Test
  void a_plan_that_has_nothing_for_workers_ends_by_itself() {
    RunHistory run = RunHistory.running(waiting("w", 0, "go"));
    run.does(new RunCommand.SendSignal(ID, "s1", "go", "the word", run.now()));

    assertThat(run.last(WorkflowCompleted.class).result()).isEqualTo("the word");
  }

  @Test
  void a_failed_step_that_may_be_skipped_lets_its_dependents_go_on() {
    RunHistory run = RunHistory.running(work("a").onFailure(OnFailure.SKIP), work("b", "a"));
    run.fails("a");

    assertThat(run.phaseOf("a")).isEqualTo(Phase.SKIPPED);
    assertThat(run.phaseOf("b")).isEqualTo(Phase.READY);
    run.completes("b");
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void what_steps_and_messages_cost_adds_up_to_one_total() {
    RunHistory run = RunHistory.running(work("a"), work("b", "a"));
    run.does(run.assign("a"));
    run.does(message("m1", run.lease("a")));
    run.does(run.complete("a"));

    assertThat(run.last(StepCompleted.class).totalTokens()).isEqualTo(13);
    run.fails("b");
    assertThat(Workflow.progressOf(run.state()).total()).isEqualTo(new Spend(23, 47));
  }

  private static RecordMessage message(String id, String leaseToken) {
    return new RecordMessage(
        ID, id, Role.ASSISTANT, "bot", "user", "hi", Spend.of(3, 7), leaseToken);
  }

  @Test
  void a_worker_records_messages_only_while_it_holds_its_lease() {
    RunHistory run = RunHistory.running(work("a"), work("b", "a"));
    run.refuses(message("m1", "lease-a-1"), new LeaseLost("message m1"));
    run.does(run.assign("a"));
    run.does(message("m1", "lease-a-1"));
    run.does(run.complete("a"));

    run.refuses(message("m2", "lease-a-1"), new LeaseLost("message m2"));
    run.isAlreadySo(message("m1", "lease-a-1"));
    assertThat(run.events(MessageRecorded.class)).hasSize(1);
  }

  @Test
  void only_the_plan_ends_a_workflow_that_has_one() {
    RunHistory run = RunHistory.running(work("a"));

    run.refuses(new CompleteWorkflow(ID, "done"), new PlanDecides());
    run.refuses(new FailWorkflow(ID, "no"), new PlanDecides());
  }

  @Test
  void a_step_is_handed_out_only_when_it_is_ready_and_in_the_attempt_that_is() {
    RunHistory run = RunHistory.running(work("a"), work("b", "a"));

    run.refuses(run.assign("b"), new StepNotInPhase("b", "waiting", "ready, attempt 0"));
    run.refuses(run.assign("none"), new UnknownStep("none"));
    AssignStep second =
        new AssignStep(
            ID, "a", 2, AGENT, AutonomyMode.FULL_AUTO, null, "t", 1_000, 1_000, run.now());
    run.refuses(second, new StepNotInPhase("a", "ready, attempt 1", "ready, attempt 2"));
    run.does(run.assign("a"));
    run.isAlreadySo(run.assign("a"));
    AssignStep other =
        new AssignStep(
            ID, "a", 1, AGENT, AutonomyMode.FULL_AUTO, null, "other", 1_000, 1_000, run.now());
    run.refuses(other, new StepNotInPhase("a", "assigned", "ready, attempt 1"));
  }

  @Test
  void a_step_for_one_agent_goes_to_no_other() {
    String chosen = "018f4e6a-0000-7000-8000-0000000000a2";
    RunHistory run = RunHistory.running(work("a").by(chosen));

    run.refuses(
        run.assign("a"),
        new StepNotInPhase("a", "for agent " + chosen, "for agent " + AGENT.value()));
  }

  @Test
  void a_lease_serves_one_attempt_of_one_step() {
    RunHistory run = RunHistory.running(work("a"), work("b"));
    run.does(run.assign("a"));
    AssignStep twin =
        new AssignStep(
            ID, "b", 1, AGENT, AutonomyMode.FULL_AUTO, null, "lease-a-1", 1_000, 0, run.now());

    run.refuses(twin, new LeaseLost("step b"));
    run.does(run.complete("a"));
    run.refuses(twin, new LeaseLost("step b"));
  }

  @Test
  void with_a_budget_a_step_waits_for_its_reservation() {
    RunHistory run = RunHistory.createdWithBudget().startedWith(AutonomyMode.FULL_AUTO, work("a"));

    assertThat(run.last(StepReady.class).budgetId()).isEqualTo(BUDGET.value());
    for (String other : new String[] {null, ID.value() + ":a:2", ID.value() + ":b:1"}) {
      AssignStep unreserved =
          new AssignStep(
              ID, "a", 1, AGENT, AutonomyMode.FULL_AUTO, other, "t", 1_000, 0, run.now());
      run.refuses(unreserved, new NotReserved("a"));
    }
    run.does(run.assign("a"));
    run.does(run.complete("a"));
    assertThat(run.last(StepCompleted.class).budgetId()).isEqualTo(BUDGET.value());
  }

  @Test
  void a_total_that_json_cannot_carry_is_refused() {
    RunHistory run = RunHistory.running(work("a"), work("b"));
    run.does(run.assign("a"));
    run.does(run.assign("b"));
    Spend most = Spend.of(Checks.EXACT_INTEGER_MAX, 0);
    run.does(new CompleteStep(ID, "a", "lease-a-1", "dear", most, run.now()));

    run.refuses(run.complete("b"), new TotalTooLarge());
    run.refuses(run.fail("b"), new TotalTooLarge());
  }

  @Test
  void nothing_runs_without_a_plan_or_a_workflow() {
    RunHistory run = RunHistory.created();
    run.refuses(run.assign("a"), new WrongPhase("hand out a step of", "created", "running"));
    run.refuses(new RetryStep(ID, "a", run.now()), new NoPlan());
    run.does(run.start());

    run.refuses(run.assign("a"), new NoPlan());
    run.refuses(run.pause(), new WrongPhase("pause", "running", "running by a plan"));
    run.refuses(run.resume(), new WrongPhase("resume", "running", "paused"));
    run.refuses(
        run.propose(AutonomyMode.FULL_AUTO, plan(work("a"))),
        new WrongPhase("plan", "running", "created, or running by a plan"));
    assertThat(Workflow.decide(run.pause(), Workflow.initial()))
        .isEqualTo(
            Decision.<WorkflowEvent, WorkflowRejection>reject(new UnknownWorkflow(ID.value())));
  }

  @Test
  void after_the_end_nothing_is_handed_out_or_planned() {
    RunHistory run = RunHistory.running(work("a")).completes("a");

    run.refuses(run.assign("a"), new WrongPhase("hand out a step of", "completed", "running"));
    run.refuses(run.pause(), new WrongPhase("pause", "completed", "running by a plan"));
    run.refuses(
        run.propose(AutonomyMode.FULL_AUTO, plan(work("b"))),
        new WrongPhase("plan", "completed", "created or running"));
    run.isAlreadySo(run.start());
  }

  @Test
  void a_step_is_told_what_those_have_led_to_that_it_needs_directly_or_through_others() {
    RunHistory run =
        RunHistory.running(
            work("a"), work("b", "a"), work("c", "a"), work("d", "b", "c"), work("other"));
    run.completes("a", "b", "c", "other");

    assertThat(run.run().resultsNeededBy("d"))
        .containsExactly(entry("b", "b is done"), entry("c", "c is done"), entry("a", "a is done"));
    assertThat(run.run().resultsNeededBy("a")).isEmpty();
    assertThat(PlanRun.NONE.resultsNeededBy("a")).isEmpty();
  }

  @Test
  void what_begins_anew_at_a_step_keeps_the_results_of_those_that_do_not_depend_on_it() {
    RunHistory run =
        RunHistory.running(
            work("a"), work("b", "a"), work("c", "b"), work("d", "a"), work("e", "c", "d"));
    run.completes("a", "b", "c", "d");

    assertThat(run.run().resultsKeptFrom("b"))
        .containsExactly(new StepResult("a", "a is done"), new StepResult("d", "d is done"));
    assertThat(run.run().resultsKeptFrom("a")).isEmpty();
    assertThat(run.run().resultsKeptFrom("e")).hasSize(4);
    assertThat(PlanRun.NONE.resultsKeptFrom("a")).isEmpty();
  }

  @Test
  void what_was_undone_is_not_kept() {
    RunHistory run =
        RunHistory.running(
            work("a").undoneBy("undo"), work("b", "a").onFailure(OnFailure.COMPENSATE));
    run.completes("a");
    run.fails("b");
    run.completes("a");

    assertThat(run.phaseOf("a")).isEqualTo(Phase.UNDONE);
    assertThat(run.run().resultsKeptFrom("b")).isEmpty();
  }

  @Test
  void results_that_are_too_long_together_are_not_taken_over() {
    String half = "x".repeat(RunCommand.REUSED_CHARS_MAX / 2);
    List<StepResult> results = List.of(new StepResult("a", half), new StepResult("b", half));
    assertThat(new ReuseResults(ID, ID, "c", results).results()).hasSize(2);

    assertThatThrownBy(
            () ->
                new ReuseResults(
                    ID, ID, "c", List.of(results.get(0), results.get(1), new StepResult("d", "x"))))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("2500000");
  }
}

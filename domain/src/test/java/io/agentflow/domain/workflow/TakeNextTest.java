package io.agentflow.domain.workflow;

import static io.agentflow.domain.planning.StepDraft.work;
import static io.agentflow.domain.workflow.RunHistory.AGENT;
import static io.agentflow.domain.workflow.RunHistory.ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.workflow.RunCommand.AnswerStep;
import io.agentflow.domain.workflow.RunCommand.TakeNext;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.WorkflowRejection.LeaseLost;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A worker that answers takes the workflow's next step with it. */
class TakeNextTest {

  private static Abilities abilities(AutonomyMode mode, String... capabilities) {
    return new Abilities(List.of(capabilities), List.of(), 1, mode);
  }

  private static TakeNext next(RunHistory run, Abilities abilities, String leaseToken) {
    return new TakeNext(
        ID,
        AGENT,
        abilities,
        leaseToken,
        RunHistory.LEASE_MILLIS,
        RunHistory.TIMEOUT_MILLIS_DEFAULT,
        run.now());
  }

  private static TakeNext next(RunHistory run, String leaseToken) {
    return next(run, abilities(AutonomyMode.FULL_AUTO, "work"), leaseToken);
  }

  @Test
  void the_step_that_has_become_ready_is_taken_as_if_it_were_handed_out() {
    RunHistory run = RunHistory.running(work("a"), work("b", "a")).completes("a");

    assertThat(run.does(next(run, "token")))
        .containsExactly(
            new StepAssigned(
                ID.value(),
                "b",
                1,
                AGENT.value(),
                "token",
                run.now().plusMillis(RunHistory.LEASE_MILLIS),
                run.now().plusMillis(RunHistory.TIMEOUT_MILLIS_DEFAULT),
                AutonomyMode.FULL_AUTO,
                Risk.LOW,
                "full_auto runs steps below critical risk"));
    run.does(run.complete("b", "token", "done"));
    assertThat(run.phase()).isEqualTo("completed");
  }

  @Test
  void an_answer_and_the_next_step_are_recorded_together_and_once() {
    RunHistory run = RunHistory.running(work("a"), work("b", "a"));
    run.does(run.assign("a"));
    AnswerStep answer = new AnswerStep(run.complete("a"), next(run, "token"));

    assertThat(run.does(answer))
        .hasExactlyElementsOfTypes(StepCompleted.class, StepReady.class, StepAssigned.class);
    run.isAlreadySo(answer);
  }

  @Test
  void a_refused_answer_takes_nothing() {
    RunHistory run = RunHistory.running(work("a"), work("b"));

    run.refuses(
        new AnswerStep(run.complete("a", "stale", "done"), next(run, "token")),
        new LeaseLost("step a"));
    assertThat(run.phaseOf("b")).isEqualTo(Phase.READY);
  }

  @Test
  void under_one_token_one_step_is_taken_however_often_it_is_asked() {
    RunHistory run = RunHistory.running(work("a"), work("b"), work("c"));
    run.does(next(run, "token"));

    run.isAlreadySo(next(run, "token"));
    run.does(run.complete("a", "token", "done"));
    run.isAlreadySo(next(run, "token"));
    assertThat(run.phaseOf("b")).isEqualTo(Phase.READY);
  }

  @Test
  void what_the_agent_cannot_do_or_is_for_another_is_left_to_the_queue() {
    RunHistory run =
        RunHistory.running(work("a").by("018f4e6a-0000-7000-8000-0000000000a2"), work("b"));

    run.isAlreadySo(next(run, abilities(AutonomyMode.FULL_AUTO, "play"), "token"));
    run.isAlreadySo(next(run, abilities(AutonomyMode.PLAN_ONLY, "work"), "token"));
    run.does(next(run, "token"));
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
    assertThat(run.phaseOf("b")).isEqualTo(Phase.ASSIGNED);
  }

  @Test
  void what_has_to_be_reserved_or_asked_about_first_is_left_to_the_queue() {
    RunHistory budgeted =
        RunHistory.createdWithBudget().startedWith(AutonomyMode.FULL_AUTO, work("a"));
    budgeted.isAlreadySo(next(budgeted, "token"));

    RunHistory asking = RunHistory.running(work("a"));
    asking.isAlreadySo(next(asking, abilities(AutonomyMode.APPROVE_ALL, "work"), "token"));
    assertThat(asking.phaseOf("a")).isEqualTo(Phase.READY);
  }

  @Test
  void a_workflow_that_is_paused_or_over_gives_nothing() {
    RunHistory paused = RunHistory.running(work("a"));
    paused.does(paused.pause());
    paused.isAlreadySo(next(paused, "token"));

    RunHistory over = RunHistory.running(work("a")).completes("a");
    over.isAlreadySo(next(over, "token"));
  }
}

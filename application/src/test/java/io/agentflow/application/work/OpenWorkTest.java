package io.agentflow.application.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.WorkflowEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenWorkTest {

  private static final String ID = "018f4e6a-0000-7000-8000-000000000001";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Worker WORKER =
      new Worker(
          "acme",
          "a1",
          new Abilities(List.of(), List.of("dig", "fill"), 10, AutonomyMode.FULL_AUTO));

  private final WorkQueue queue = new WorkQueue();
  private final Timers timers = new Timers();
  private final Hands hands = new Hands();
  private final OpenWork work =
      new OpenWork(queue, timers, hands, WorkSettings.DEFAULT.agentOfflineAfter());
  private long position;

  private void happened(WorkflowEvent... events) {
    for (WorkflowEvent event : events) {
      work.apply("acme", ++position, event);
    }
  }

  private List<String> offered() throws InterruptedException {
    return queue.take(WORKER, 10, Duration.ofMillis(1)).stream()
        .map(item -> item.step().tool() + " " + item.step().stepId())
        .toList();
  }

  private static StepReady ready(String stepId, boolean compensation) {
    return new StepReady(
        ID,
        stepId,
        1,
        compensation,
        StepKind.TOOL,
        null,
        compensation ? "fill" : "dig",
        null,
        0,
        null,
        0,
        0);
  }

  private static StepAssigned assigned(String stepId, String token) {
    return new StepAssigned(
        ID,
        stepId,
        1,
        "a1",
        token,
        NOW.plusSeconds(30),
        NOW.plusSeconds(3_600),
        AutonomyMode.FULL_AUTO,
        Risk.LOW,
        "low risk");
  }

  private static StepCompleted completed(String stepId, String token) {
    return new StepCompleted(ID, stepId, 1, token, "done", null, 0, 0, 0, 0);
  }

  @Test
  void a_paused_workflow_offers_nothing_until_it_is_resumed() throws InterruptedException {
    happened(ready("hole", false), new WorkflowPaused(ID, "a look first", null));
    assertThat(offered()).isEmpty();

    happened(new WorkflowResumed(ID), ready("hole", false));
    assertThat(offered()).containsExactly("dig hole");
  }

  @Test
  void a_workflow_paused_by_its_budget_offers_what_has_its_reservation()
      throws InterruptedException {
    happened(ready("hole", false), new WorkflowPaused(ID, "too little left", "b1"));
    assertThat(offered()).containsExactly("dig hole");

    happened(ready("hole", false), new WorkflowPaused(ID, "a look first", null));
    assertThat(offered()).isEmpty();
  }

  @Test
  void what_was_done_is_undone_even_where_the_workflow_was_paused() throws InterruptedException {
    happened(
        ready("hole", false),
        assigned("hole", "t1"),
        completed("hole", "t1"),
        ready("pond", false),
        new WorkflowPaused(ID, "a look first", null),
        new StepCancelled(ID, "pond", 1, null),
        new CompensationStarted(ID, true, "no garden after all"),
        ready("hole", true));

    assertThat(offered()).containsExactly("fill hole");
  }

  @Test
  void a_step_that_is_answered_leaves_no_timer_and_frees_a_hand() throws InterruptedException {
    happened(ready("hole", false), assigned("hole", "t1"));
    assertThat(timers.size()).isEqualTo(2);
    assertThat(hands.reserve("a1", 1, 1, Duration.ZERO, () -> "t2")).isEmpty();

    happened(completed("hole", "t1"));
    assertThat(timers.size()).isZero();
    assertThat(hands.reserve("a1", 1, 1, Duration.ZERO, () -> "t2")).hasSize(1);
    assertThat(work.lease("t1")).isEmpty();
  }
}

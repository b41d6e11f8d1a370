package io.agentflow.application.reaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.reaction.Reaction.Asked;
import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.Budget;
import io.agentflow.domain.budget.Budget.Reservation;
import io.agentflow.domain.budget.BudgetCommand;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.CloseBudget;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.RoomMade;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.BudgetRejection;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.budget.WaitingSteps.Waiting;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.StepDraft;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.CancelWorkflow;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.EndBackoff;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.PauseWorkflow;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunCommand.ResumeWorkflow;
import io.agentflow.domain.workflow.Step;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.domain.workflow.WorkflowRejection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Workflows that share budgets, and the reactions between them: each command is decided by the
 * deciders themselves, in any order in which the reactions may send them.
 */
class ReactionsTest {

  private static final BudgetId WHOLE = new BudgetId("018f4e6a-0000-7000-8000-0000000000b1");
  private static final BudgetId SLICE = new BudgetId("018f4e6a-0000-7000-8000-0000000000b2");
  private static final AgentId AGENT = new AgentId("018f4e6a-0000-7000-8000-0000000000a1");

  @Test
  void a_workflow_that_waits_goes_on_when_another_uses_less_than_it_had_reserved() {
    World world = new World(1);
    world.send(open(100));
    world.start(workflow(1), WHOLE, StepDraft.plan(StepDraft.work("a").estimate(80, 0)));
    world.react();
    world.start(workflow(2), WHOLE, StepDraft.plan(StepDraft.work("a").estimate(60, 0)));
    world.react();
    assertThat(world.phase(2)).isEqualTo("paused");

    world.complete(workflow(1), "a", Spend.of(40, 0));
    world.react();
    assertThat(world.phase(2)).isEqualTo("running");
    world.complete(workflow(2), "a", Spend.of(60, 0));
    assertThat(world.phase(2)).isEqualTo("completed");
  }

  @Test
  void two_that_wait_at_the_parent_go_on_when_its_slice_gives_back_who_waited_longest_first() {
    World world = new World(1);
    world.send(open(100));
    world.send(new AllocateSlice(WHOLE, SLICE, "slice", null, Spend.of(100, 0)));
    for (int number : List.of(2, 1)) {
      world.start(workflow(number), WHOLE, StepDraft.plan(StepDraft.work("a").estimate(60, 0)));
      world.react();
    }
    world.send(new ChangeLimit(SLICE, Spend.of(20, 0), null).resizingIn(WHOLE));
    world.react();
    assertThat(world.phase(2)).isEqualTo("running");
    assertThat(world.phase(1)).isEqualTo("paused");

    world.complete(workflow(2), "a", Spend.of(10, 0));
    world.react();
    assertThat(world.phase(1)).isEqualTo("running");
  }

  @Test
  void two_that_have_half_of_what_they_want_do_not_wait_for_each_other() {
    World world = new World(1);
    world.send(open(100));
    world.start(workflow(1), WHOLE, twoSteps(90, 90));
    world.start(workflow(2), WHOLE, twoSteps(10, 90));
    world.react();
    assertThat(world.phase(1)).isEqualTo("paused");
    assertThat(world.phase(2)).isEqualTo("paused");

    for (int number : List.of(1, 2)) {
      world.complete(workflow(number), "a", Spend.NONE);
      world.react();
    }
    for (int number : List.of(1, 2)) {
      world.complete(workflow(number), "b", Spend.NONE);
      world.react();
      assertThat(world.phase(number)).isEqualTo("completed");
    }
  }

  private static Plan twoSteps(long tokensOfA, long tokensOfB) {
    return StepDraft.plan(
        StepDraft.work("a").estimate(tokensOfA, 0), StepDraft.work("b").estimate(tokensOfB, 0));
  }

  @Test
  void a_workflow_whose_budget_is_closed_pauses_and_says_so() {
    World world = new World(1);
    world.send(open(100));
    world.send(new CloseBudget(WHOLE));
    world.start(workflow(1), WHOLE, StepDraft.plan(StepDraft.work("a").estimate(10, 0)));
    world.react();

    assertThat(world.phase(1)).isEqualTo("paused");
    assertThat(Workflow.runOf(world.state(workflow(1))).pause())
        .isEqualTo(
            new PlanRun.Pause(
                "budget %s is closed or was never opened, and gives nothing any more; cancel this workflow"
                    .formatted(WHOLE.value()),
                WHOLE.value()));
    world.send(new ResumeWorkflow(workflow(1), world.now));
    world.react();
    assertThat(world.phase(1)).isEqualTo("paused");
    world.send(new CancelWorkflow(workflow(1), "no budget", world.now));
    world.react();
    assertThat(world.phase(1)).isEqualTo("cancelled");
  }

  /**
   * Nobody is forgotten, and nothing is recorded a second time when all reactions run again from
   * the beginning of the log.
   */
  @Test
  void whatever_happens_each_workflow_ends_once_there_is_enough_and_no_reaction_repeats_itself() {
    long seed = new Random().nextLong();
    int refused = 0;
    int called = 0;
    for (int run = 0; run < 300; run++) {
      World world = new World(seed + run);
      try {
        world.live();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + (seed + run) + ": " + e.getMessage(), e);
      }
      refused += world.count(ReservationRefused.class);
      called += world.count(RoomMade.class);
    }
    assertThat(refused).as("there was too little at times").isGreaterThan(300);
    assertThat(called).as("there was room again at times").isGreaterThan(300);
  }

  private static OpenBudget open(long tokens) {
    return new OpenBudget(WHOLE, "all", null, Spend.of(tokens, 0));
  }

  private static WorkflowId workflow(int number) {
    return new WorkflowId("018f4e6a-0000-7000-8000-%012x".formatted(number));
  }

  /** A log, the states that it folds to, and the reactions that read it. */
  private static final class World {

    private static final int TURNS_MAX = 20_000;

    private final Random random;
    private final List<Object> log = new ArrayList<>();
    private final Map<String, Workflow> workflows = new LinkedHashMap<>();
    private final Map<String, Budget> budgets = new HashMap<>();
    private int reacted;
    private int ids;
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");

    World(long seed) {
      random = new Random(seed);
    }

    int count(Class<?> type) {
      return Math.toIntExact(log.stream().filter(type::isInstance).count());
    }

    String phase(int number) {
      return state(workflow(number)).phase();
    }

    private Workflow state(WorkflowId id) {
      return workflows.getOrDefault(id.value(), Workflow.initial());
    }

    private Budget.Open budget(BudgetId id) {
      return (Budget.Open) budgets.getOrDefault(id.value(), Budget.initial());
    }

    boolean send(Object command) {
      return switch (command) {
        case WorkflowCommand of -> {
          Decision<WorkflowEvent, WorkflowRejection> decision =
              Workflow.decide(of, state(of.workflowId()));
          if (decision instanceof Accepted<WorkflowEvent, WorkflowRejection>(var events)) {
            for (WorkflowEvent event : events) {
              workflows.merge(
                  event.workflowId(),
                  Workflow.evolve(Workflow.initial(), event),
                  (before, first) -> Workflow.evolve(before, event));
              log.add(event);
            }
          }
          yield decision instanceof Accepted<?, ?>;
        }
        case BudgetCommand of -> {
          Decision<BudgetEvent, BudgetRejection> decision =
              Budget.decide(of, budgets.getOrDefault(of.budgetId().value(), Budget.initial()));
          if (decision instanceof Accepted<BudgetEvent, BudgetRejection>(var events)) {
            for (BudgetEvent event : events) {
              budgets.merge(
                  event.budgetId(),
                  Budget.evolve(Budget.initial(), event),
                  (before, first) -> Budget.evolve(before, event));
              log.add(event);
            }
          }
          yield decision instanceof Accepted<?, ?>;
        }
        default -> throw new AssertionError(command);
      };
    }

    void start(WorkflowId id, BudgetId budgetId, Plan plan) {
      send(new CreateWorkflow(id, "run", "", null, budgetId, Map.of()));
      send(new ProposePlan(id, plan, AutonomyMode.FULL_AUTO, 0, PlanFacts.NONE, "ada", now));
      send(new StartWorkflow(id, now));
    }

    /** Has the step handed out and answered, as soon as it is reserved. */
    void complete(WorkflowId id, String stepId, Spend used) {
      assertThat(assign(id, stepId)).isTrue();
      send(new CompleteStep(id, stepId, lease(id, stepId), "done", used, now));
    }

    private String lease(WorkflowId id, String stepId) {
      return Objects.requireNonNull(Workflow.runOf(state(id)).step(stepId).leaseToken());
    }

    private boolean assign(WorkflowId id, String stepId) {
      int attempt = Workflow.runOf(state(id)).step(stepId).attempt();
      String reservationId = new StepReservation(id.value(), stepId, attempt).reservationId();
      boolean held = budget(WHOLE).reservations().get(reservationId) instanceof Reservation.Held;
      if (held) {
        send(
            new AssignStep(
                id,
                stepId,
                attempt,
                AGENT,
                AutonomyMode.FULL_AUTO,
                reservationId,
                "lease" + ids++,
                30_000,
                600_000,
                now));
      }
      return held && Workflow.runOf(state(id)).step(stepId).phase() == Step.Phase.ASSIGNED;
    }

    /** Reacts to all that has happened, and to what follows from it. */
    void react() {
      for (int turn = 0; reacted < log.size(); turn++) {
        assertThat(turn).as("no reaction chases another for ever").isLessThan(TURNS_MAX);
        reactToBatch();
      }
    }

    /**
     * Reacts to some of the next events: commands of one order in order, others in any. Some are
     * sent twice, and some batches come twice.
     */
    private void reactToBatch() {
      int until = Math.min(log.size(), reacted + 1 + random.nextInt(5));
      List<Asked> asked = new ArrayList<>();
      for (Object event : log.subList(reacted, until)) {
        Reactions.all(id -> Optional.empty(), AutonomyMode.FULL_AUTO)
            .forEach(reaction -> asked.addAll(Heard.of(event, reaction.on(event, now))));
      }
      while (!asked.isEmpty()) {
        Asked next = asked.get(random.nextInt(asked.size()));
        Asked first =
            asked.stream().filter(one -> one.order().equals(next.order())).findFirst().orElse(next);
        asked.remove(first);
        ask(first);
        if (random.nextInt(10) == 0) {
          ask(first);
        }
      }
      if (random.nextInt(10) != 0) {
        reacted = until;
      }
    }

    private void ask(Asked asked) {
      if (!send(asked.command()) && asked.otherwise() != null) {
        ask(asked.otherwise());
      }
    }

    /** Everybody does what can be done, until nothing more happens. */
    private void serveAll() {
      int before = -1;
      for (int turn = 0; before < log.size(); turn++) {
        assertThat(turn).as("it comes to rest").isLessThan(TURNS_MAX);
        before = log.size();
        now = now.plusMillis(60_000);
        workflows.keySet().forEach(id -> serve(new WorkflowId(id)));
        react();
      }
    }

    void live() {
      send(open(100 + random.nextInt(200)));
      int count = 2 + random.nextInt(5);
      for (int number = 0; number < count; number++) {
        start(workflow(number), WHOLE, plan());
      }
      for (int turn = random.nextInt(200); turn > 0; turn--) {
        now = now.plusMillis(random.nextInt(500));
        disturb(workflow(random.nextInt(count)));
      }
      react();
      assertNobodyWaitsInVain();
      serveAll();
      assertNobodyWaitsInVain();
      assertThat(budget(WHOLE).balance().reserved())
          .as("nobody keeps what nobody uses")
          .isEqualTo(Spend.NONE);
      send(new ChangeLimit(WHOLE, Spend.of(1_000_000, 0), null));
      react();
      serveAll();
      assertThat(isOver()).isTrue();
      assertThat(budget(WHOLE).balance().reserved()).isEqualTo(Spend.NONE);
      assertThat(budget(WHOLE).waiting().all()).isEmpty();

      int events = log.size();
      reacted = 0;
      react();
      assertThat(log.subList(events, log.size())).as("nothing is recorded again").isEmpty();
    }

    private Plan plan() {
      List<StepDraft> steps = new ArrayList<>();
      Set<String> before = new HashSet<>();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        steps.add(
            StepDraft.work("s" + i)
                .needs(before.stream().filter(id -> random.nextInt(2) == 0).sorted().toList())
                .estimate(random.nextInt(80), 0)
                .attempts(2));
        before.add("s" + i);
      }
      return StepDraft.plan(steps);
    }

    private void disturb(WorkflowId id) {
      switch (random.nextInt(20)) {
        case 0 -> send(new PauseWorkflow(id, "lunch"));
        case 1, 2 -> send(new ResumeWorkflow(id, now));
        case 3 -> {
          if (random.nextInt(5) == 0) {
            send(new CancelWorkflow(id, "not needed", now));
          }
        }
        case 4 -> send(new ChangeLimit(WHOLE, Spend.of(50 + random.nextInt(400), 0), null));
        case 5, 6, 7, 8, 9, 10 -> serve(id);
        default -> {
          if (reacted < log.size()) {
            reactToBatch();
          }
        }
      }
    }

    /** What a person, a worker and a timer would do for the workflow now. */
    private void serve(WorkflowId id) {
      PlanRun run = Workflow.runOf(state(id));
      if (run.pause() != null && run.pause().budgetId() == null) {
        send(new ResumeWorkflow(id, now));
      }
      for (PlanStep planned : Objects.requireNonNull(run.current()).plan().steps()) {
        String stepId = planned.stepId();
        switch (Workflow.runOf(state(id)).step(stepId).phase()) {
          case READY -> assign(id, stepId);
          case ASSIGNED -> answer(id, stepId);
          case BACKING_OFF -> send(new EndBackoff(id, stepId, run.step(stepId).attempt() + 1, now));
          default -> {
            // It waits, or is over.
          }
        }
      }
    }

    private void answer(WorkflowId id, String stepId) {
      Spend used = Spend.of(random.nextInt(60), 0);
      send(
          random.nextInt(4) == 0
              ? new FailStep(
                  id, stepId, lease(id, stepId), "broke", random.nextBoolean(), used, now)
              : new CompleteStep(id, stepId, lease(id, stepId), "done", used, now));
    }

    private boolean isOver() {
      return workflows.values().stream().allMatch(Workflow.Finished.class::isInstance);
    }

    /** All has been reacted to: who was called has asked, who still waits does not fit. */
    private void assertNobodyWaitsInVain() {
      Map<String, Spend> wanted = new HashMap<>();
      for (Waiting waiting : budget(WHOLE).waiting().all()) {
        assertThat(waiting.called()).as("called and never asked again: %s", waiting).isFalse();
        wanted.merge(waiting.step().workflowId(), waiting.amount(), Spend::plus);
      }
      wanted.forEach(
          (id, amount) -> {
            assertThat(workflows.get(id)).isInstanceOf(Workflow.Running.class);
            assertThat(amount.isWithin(budget(WHOLE).remaining())).isFalse();
          });
      for (Workflow workflow : workflows.values()) {
        PlanRun.Pause pause = Workflow.runOf(workflow).pause();
        if (workflow instanceof Workflow.Running && pause != null && pause.budgetId() != null) {
          assertThat(wanted)
              .containsKey(Objects.requireNonNull(Workflow.descriptionOf(workflow)).workflowId());
        }
      }
    }
  }
}

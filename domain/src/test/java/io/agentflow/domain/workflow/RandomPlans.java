package io.agentflow.domain.workflow;

import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.RetryPolicy;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepDraft;
import io.agentflow.domain.planning.StepKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Admissible plans of all shapes: each step needs only steps before it. */
final class RandomPlans {

  static final int STEPS_MAX = 30;
  static final List<String> SIGNALS = List.of("go", "stop");
  static final List<String> PEOPLE = List.of("ada", "bob", "cem");

  private final Random random;

  RandomPlans(Random random) {
    this.random = random;
  }

  AutonomyMode mode() {
    return anyOf(AutonomyMode.values());
  }

  <T> T anyOf(T[] values) {
    return values[random.nextInt(values.length)];
  }

  <T> T anyOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  boolean oneIn(int chances) {
    return random.nextInt(chances) == 0;
  }

  Plan plan() {
    List<PlanStep> steps = new ArrayList<>();
    int count = 1 + random.nextInt(oneIn(3) ? STEPS_MAX : 6);
    for (int i = 0; i < count; i++) {
      steps.add(step("s" + i, steps));
    }
    return new Plan(steps);
  }

  /** Another version: what has begun stays, some of the rest goes, some more comes. */
  Plan next(Plan before, PlanRun run, int version) {
    List<PlanStep> steps = new ArrayList<>(before.steps());
    for (PlanStep step : before.steps().reversed()) {
      boolean isNeeded = steps.stream().anyMatch(other -> other.needs().contains(step.stepId()));
      boolean hasBegun = run.step(step.stepId()).phase() != Step.Phase.WAITING;
      if (!isNeeded && (!hasBegun || oneIn(20)) && oneIn(2) && !step.stepId().equals("s0")) {
        steps.remove(step);
      }
    }
    for (int i = random.nextInt(3); i > 0 && steps.size() < STEPS_MAX; i--) {
      steps.add(step("v%d-%d".formatted(version, i), steps));
    }
    return new Plan(steps);
  }

  private PlanStep step(String stepId, List<PlanStep> before) {
    // The first one can be undone, so that the others may want to compensate.
    StepDraft draft =
        switch (before.isEmpty() ? 9 : random.nextInt(10)) {
          case 0 -> StepDraft.approval(stepId, rule());
          case 1 -> wait(stepId);
          case 2, 3, 4 -> work(stepId, StepKind.TOOL);
          default -> work(stepId, StepKind.AGENT);
        };
    return draft.needs(needs(before)).onFailure(onFailure()).step();
  }

  private OnFailure onFailure() {
    return oneIn(3) ? anyOf(OnFailure.values()) : OnFailure.SKIP;
  }

  private String[] needs(List<PlanStep> before) {
    return before.isEmpty()
        ? new String[0]
        : random
            .ints(random.nextInt(4), 0, before.size())
            .distinct()
            .mapToObj(i -> before.get(i).stepId())
            .toArray(String[]::new);
  }

  private StepDraft wait(String stepId) {
    @Nullable String signal = oneIn(2) ? anyOf(SIGNALS) : null;
    return StepDraft.waiting(
        stepId, signal == null || oneIn(2) ? 1 + random.nextInt(50_000) : 0, signal);
  }

  private StepDraft work(String stepId, StepKind kind) {
    StepDraft draft =
        (kind == StepKind.TOOL ? StepDraft.tool(stepId).input("{}") : StepDraft.work(stepId))
            .estimate(random.nextInt(1_000))
            .timeout(oneIn(2) ? 0 : 1_000 + random.nextInt(100_000))
            .retry(retry())
            .risk(anyOf(Risk.values()));
    if (stepId.equals("s0") || oneIn(3)) {
      draft.undoneBy("undo");
    }
    if (oneIn(3)) {
      draft.canary();
    }
    if (oneIn(4)) {
      draft.askedBy(rule());
    }
    if (oneIn(6)) {
      draft.by(RunHistory.AGENT.value());
    }
    return draft;
  }

  private RetryPolicy retry() {
    return oneIn(2)
        ? RetryPolicy.NONE
        : new RetryPolicy(
            1 + random.nextInt(4),
            random.nextInt(5_000),
            100 + random.nextInt(200),
            5_000,
            random.nextInt(101));
  }

  private ApprovalRule rule() {
    List<String> people = oneIn(2) ? PEOPLE : List.of();
    List<String> roles = oneIn(2) ? List.of("owner") : List.of();
    return new ApprovalRule(
        1 + random.nextInt(2), people, roles, 1_000 + random.nextInt(100_000), oneIn(2) ? 0 : 500);
  }
}

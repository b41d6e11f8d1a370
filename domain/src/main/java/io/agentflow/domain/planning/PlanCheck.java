package io.agentflow.domain.planning;

import io.agentflow.domain.Checks;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.PlanFacts.AgentFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Whether a plan is admissible: it can be stored, its steps can all become ready, somebody can do
 * them, and they fit the budget. All faults are found at once.
 */
public final class PlanCheck {

  /** Most attempts of a step. */
  public static final int ATTEMPTS_MAX = 100;

  /** A pause stays the same from one attempt to the next, or grows at most tenfold. */
  public static final int BACKOFF_FACTOR_PERCENT_MIN = 100;

  public static final int BACKOFF_FACTOR_PERCENT_MAX = 1_000;

  /** Longest pause before another attempt: a day. */
  public static final long BACKOFF_MILLIS_MAX = Duration.ofDays(1).toMillis();

  /** Farthest that a pause is moved to either side. */
  public static final int JITTER_PERCENT_MAX = 100;

  /** Longest time of one attempt: 30 days. */
  public static final long TIMEOUT_MILLIS_MAX = Duration.ofDays(30).toMillis();

  /** Longest wait: 366 days. */
  public static final long WAIT_MILLIS_MAX = Duration.ofDays(366).toMillis();

  /** Shortest time that people have for a decision: a second. */
  public static final long EXPIRES_MILLIS_MIN = Duration.ofSeconds(1).toMillis();

  /** Longest time that people have for a decision: 90 days. */
  public static final long EXPIRES_MILLIS_MAX = Duration.ofDays(90).toMillis();

  /** Most people, most roles, and most approvals of one rule. */
  public static final int APPROVERS_MAX = 100;

  private final Plan plan;
  private final PlanFacts facts;
  private final List<PlanFault> faults = new ArrayList<>();

  private PlanCheck(Plan plan, PlanFacts facts) {
    this.plan = plan;
    this.facts = facts;
  }

  /**
   * All that makes the plan inadmissible: first what concerns it as a whole, then step by step. An
   * admissible plan has none.
   *
   * @param facts where they name no agents, nobody asks whether there is one for each step
   */
  public static List<PlanFault> faults(Plan plan, PlanFacts facts) {
    return List.copyOf(new PlanCheck(plan, facts).check());
  }

  private List<PlanFault> check() {
    if (plan.steps().isEmpty()) {
      faults.add(new PlanFault("steps", "must be at least one"));
    }
    if (plan.steps().size() > Plan.STEPS_MAX) {
      faults.add(
          new PlanFault(
              "steps",
              "must be at most %d, not %d".formatted(Plan.STEPS_MAX, plan.steps().size())));
    }
    estimate();
    PlanGraph graph = new PlanGraph(plan);
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < plan.steps().size(); i++) {
      PlanStep step = plan.steps().get(i);
      StepCheck check = new StepCheck("steps[%d]".formatted(i), step);
      if (check.isIdWellFormed() && !ids.add(step.stepId())) {
        check.fault(".id", "is that of another step too: " + step.stepId());
      }
      graph.faultsOf(i).forEach(fault -> check.fault(".needs", fault));
      check.byItself();
      undoing(step, check);
      if (!facts.agents().isEmpty() && step.isWork()) {
        doer(step, check);
      }
      faults.addAll(check.faults());
    }
    return faults;
  }

  private void undoing(PlanStep step, StepCheck check) {
    if (step.onFailure() == OnFailure.COMPENSATE
        && plan.steps().stream().noneMatch(other -> other.compensation() != null)) {
      check.fault(".onFailure", "is compensate, but no step of the plan has a compensation");
    }
  }

  /** Each estimate in range is below 2^53, so the sum is stopped long before it overflows. */
  private void estimate() {
    long tokens = 0;
    long microDollars = 0;
    for (PlanStep step : plan.steps()) {
      tokens = plus(tokens, step.estimatedTokens());
      microDollars = plus(microDollars, step.estimatedMicroDollars());
    }
    Spend sum = new Spend(tokens, microDollars);
    Spend remaining = facts.remaining();
    if (sum.isTooLargeForJson()) {
      faults.add(
          new PlanFault(
              "steps",
              "must not be estimated at more than %d in all".formatted(Checks.EXACT_INTEGER_MAX)));
    } else if (remaining != null && !sum.isWithin(remaining)) {
      faults.add(
          new PlanFault(
              "steps",
              "are estimated at %d tokens and %d micro-dollars in all; the budget has %d tokens and %d micro-dollars left"
                  .formatted(tokens, microDollars, remaining.tokens(), remaining.microDollars())));
    }
  }

  private static long plus(long sum, long estimate) {
    boolean isInRange = estimate >= 0 && estimate <= Checks.EXACT_INTEGER_MAX;
    return isInRange ? Math.min(sum + estimate, Checks.EXACT_INTEGER_MAX + 1) : sum;
  }

  /** Whether there is an agent that can do the step, and one that can undo it. */
  private void doer(PlanStep step, StepCheck check) {
    String capability = step.capability();
    String tool = step.tool();
    Compensation compensation = step.compensation();
    if (step.agentId() != null) {
      doer(step.agentId(), step, check);
    } else if (capability != null && !anyAgent(agent -> can(agent, capability))) {
      check.fault(".capability", "is one that no agent has: " + capability);
    } else if (tool != null && !anyAgent(agent -> may(agent, tool))) {
      check.fault(".tool", "is one that no agent may use: " + tool);
    } else if (capability != null
        && tool != null
        && !anyAgent(agent -> can(agent, capability) && may(agent, tool))) {
      check.fault(
          ".tool",
          "is one that no agent with capability %s may use: %s".formatted(capability, tool));
    }
    if (compensation != null && !anyAgent(agent -> may(agent, compensation.tool()))) {
      check.fault(".compensation.tool", "is one that no agent may use: " + compensation.tool());
    }
  }

  private void doer(String agentId, PlanStep step, StepCheck check) {
    AgentFacts agent = facts.agents().get(agentId);
    if (agent == null) {
      check.fault(".agentId", "is that of no agent in service: " + agentId);
      return;
    }
    String capability = step.capability();
    if (capability != null && !can(agent, capability)) {
      check.fault(
          ".capability", "is one that agent %s does not have: %s".formatted(agentId, capability));
    }
    String tool = step.tool();
    if (tool != null && !may(agent, tool)) {
      check.fault(".tool", "is one that agent %s may not use: %s".formatted(agentId, tool));
    }
  }

  private boolean anyAgent(Predicate<AgentFacts> suits) {
    return facts.agents().values().stream().anyMatch(suits);
  }

  private static boolean can(AgentFacts agent, String capability) {
    return agent.capabilities().contains(capability);
  }

  private static boolean may(AgentFacts agent, String tool) {
    return agent.tools().contains(tool);
  }
}

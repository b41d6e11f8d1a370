package io.agentflow.domain.planning;

import io.agentflow.domain.Spend;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a plan is judged by besides itself.
 *
 * <p>The floor is the mode that the server grants at most: of a plan's own and this the stricter
 * counts.
 *
 * @param agents what each registered agent can do and may use, by its id
 * @param remaining what the workflow's budget has left; null where it has no budget
 */
public record PlanFacts(
    Map<String, AgentFacts> agents, @Nullable Spend remaining, AutonomyMode floor) {

  /** Nothing is known: the plan is judged by itself alone. */
  public static final PlanFacts NONE = new PlanFacts(Map.of(), null);

  public PlanFacts {
    agents = Map.copyOf(agents);
  }

  /** Where the server grants what a plan asks for. */
  public PlanFacts(Map<String, AgentFacts> agents, @Nullable Spend remaining) {
    this(agents, remaining, AutonomyMode.FULL_AUTO);
  }

  /** Of a plan that was judged before, nothing counts but what the server grants now. */
  public static PlanFacts grantingAtMost(AutonomyMode floor) {
    return new PlanFacts(Map.of(), null, floor);
  }

  /** An agent's abilities and permitted tools. */
  public record AgentFacts(List<String> capabilities, List<String> tools) {
    public AgentFacts {
      capabilities = List.copyOf(capabilities);
      tools = List.copyOf(tools);
    }
  }
}

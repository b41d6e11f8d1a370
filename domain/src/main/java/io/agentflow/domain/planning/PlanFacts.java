package io.agentflow.domain.planning;

import io.agentflow.domain.Spend;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a plan is judged by besides itself.
 *
 * @param agents what each registered agent can do and may use, by its id
 * @param remaining what the workflow's budget has left; null where it has no budget
 */
public record PlanFacts(Map<String, AgentFacts> agents, @Nullable Spend remaining) {

  /** Nothing is known: the plan is judged by itself alone. */
  public static final PlanFacts NONE = new PlanFacts(Map.of(), null);

  public PlanFacts {
    agents = Map.copyOf(agents);
  }

  /** An agent's abilities and permitted tools. */
  public record AgentFacts(List<String> capabilities, List<String> tools) {
    public AgentFacts {
      capabilities = List.copyOf(capabilities);
      tools = List.copyOf(tools);
    }
  }
}

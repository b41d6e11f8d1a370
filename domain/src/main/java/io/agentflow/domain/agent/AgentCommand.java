package io.agentflow.domain.agent;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one may ask of an agent. Each constructor throws {@link InvalidField} for a value that no
 * event could carry.
 */
public sealed interface AgentCommand {

  /** Most tools an agent has. */
  int TOOLS_MAX = 256;

  AgentId agentId();

  /**
   * Makes an agent known.
   *
   * @param role what it does, in a word or two
   * @param model which language model answers for it, where one does
   * @param tools the names of the tools it may call
   */
  record RegisterAgent(
      AgentId agentId, String name, String role, @Nullable String model, List<String> tools)
      implements AgentCommand {
    public RegisterAgent {
      Checks.name("name", name);
      Checks.name("role", role);
      if (model != null) {
        Checks.name("model", model);
      }
      if (tools.size() > TOOLS_MAX) {
        throw new InvalidField(
            "tools", "must be at most %d, not %d".formatted(TOOLS_MAX, tools.size()));
      }
      tools.forEach(tool -> Checks.name("tools", tool));
      tools = List.copyOf(tools);
    }
  }

  /** Takes an agent out of service, for good. */
  record RetireAgent(AgentId agentId, String reason) implements AgentCommand {
    public RetireAgent {
      Checks.name("reason", reason);
    }
  }
}

package io.agentflow.domain.agent;

import io.agentflow.domain.Decision;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.agent.AgentEvent.AgentRetired;
import io.agentflow.domain.agent.AgentRejection.DifferentAgentExists;
import io.agentflow.domain.agent.AgentRejection.UnknownAgent;

/** Who does the work. Its phase is its type: before it exists, active, retired. */
public sealed interface Agent {

  /** Nothing is known under this id. */
  record Absent() implements Agent {}

  /** In service. */
  record Active(AgentRegistered description) implements Agent {}

  /** Out of service for good. */
  record Retired(AgentRegistered description, String reason) implements Agent {}

  static Agent initial() {
    return new Absent();
  }

  /** What happens when this is asked of an agent in this state. */
  static Decision<AgentEvent, AgentRejection> decide(AgentCommand command, Agent agent) {
    return switch (command) {
      case RegisterAgent register -> register(register, agent);
      case RetireAgent retire -> retire(retire, agent);
    };
  }

  private static Decision<AgentEvent, AgentRejection> register(RegisterAgent command, Agent agent) {
    AgentRegistered registered =
        new AgentRegistered(
            command.agentId().value(),
            command.name(),
            command.role(),
            command.model(),
            command.tools());
    return switch (agent) {
      case Absent absent -> Decision.accept(registered);
      case Active(AgentRegistered before) -> again(before, registered);
      case Retired(AgentRegistered before, String reason) -> again(before, registered);
    };
  }

  private static Decision<AgentEvent, AgentRejection> again(
      AgentRegistered before, AgentRegistered registered) {
    return before.equals(registered)
        ? Decision.alreadySo()
        : Decision.reject(new DifferentAgentExists(registered.agentId()));
  }

  private static Decision<AgentEvent, AgentRejection> retire(RetireAgent command, Agent agent) {
    return switch (agent) {
      case Absent absent -> Decision.reject(new UnknownAgent(command.agentId().value()));
      case Active active ->
          Decision.accept(new AgentRetired(command.agentId().value(), command.reason()));
      case Retired retired -> Decision.alreadySo();
    };
  }

  /** What is so after the event. Never refuses: what happened, happened. */
  static Agent evolve(Agent agent, AgentEvent event) {
    return switch (event) {
      case AgentRegistered registered -> new Active(registered);
      case AgentRetired retired ->
          agent instanceof Active(AgentRegistered description)
              ? new Retired(description, retired.reason())
              : agent;
    };
  }
}

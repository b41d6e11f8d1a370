package io.agentflow.domain.agent;

import io.agentflow.domain.Rejection;

/** Why an agent refused a command. */
public sealed interface AgentRejection extends Rejection {

  record UnknownAgent(String agentId) implements AgentRejection {
    @Override
    public String sentence() {
      return "there is no agent %s; register it first".formatted(agentId);
    }
  }

  record DifferentAgentExists(String agentId) implements AgentRejection {
    @Override
    public String sentence() {
      return "agent %s was already registered with another description; take a new id"
          .formatted(agentId);
    }
  }

  record IsSuspended(String agentId, String reason) implements AgentRejection {
    @Override
    public String sentence() {
      return "agent %s is suspended (%s); activate it to give it work".formatted(agentId, reason);
    }
  }

  record OutOfService(String agentId) implements AgentRejection {
    @Override
    public String sentence() {
      return "agent %s is retired; register another".formatted(agentId);
    }
  }
}

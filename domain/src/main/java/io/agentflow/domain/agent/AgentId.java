package io.agentflow.domain.agent;

import io.agentflow.domain.Checks;

/** Names a agent among those of all tenants: a UUID in lower case. */
public record AgentId(String value) {
  public AgentId {
    Checks.uuid("agentId", value);
  }
}

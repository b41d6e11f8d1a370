package io.agentflow.domain.agent;

import io.agentflow.domain.EventName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became true of an agent. These records and their components are the storage format: they are
 * hashed into the log and have to load for ever. Change nothing here; add a version.
 */
public sealed interface AgentEvent {

  String agentId();

  @EventName("agent.registered")
  record AgentRegistered(
      String agentId, String name, String role, @Nullable String model, List<String> tools)
      implements AgentEvent {}

  @EventName("agent.retired")
  record AgentRetired(String agentId, String reason) implements AgentEvent {}
}

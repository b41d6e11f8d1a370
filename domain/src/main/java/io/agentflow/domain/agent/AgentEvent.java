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

  /** All of it, as it is from now on. */
  @EventName("agent.capabilities-changed")
  record CapabilitiesChanged(
      String agentId,
      List<String> capabilities,
      List<String> tools,
      int concurrency,
      String autonomy)
      implements AgentEvent {}

  @EventName("agent.suspended")
  record AgentSuspended(String agentId, String reason) implements AgentEvent {}

  @EventName("agent.activated")
  record AgentActivated(String agentId) implements AgentEvent {}

  @EventName("agent.retired")
  record AgentRetired(String agentId, String reason) implements AgentEvent {}

  /** The time is of ISO 8601, in UTC: {@code 2026-01-02T03:04:05.678Z}. */
  @EventName("agent.came-online")
  record AgentCameOnline(String agentId, String at) implements AgentEvent {}

  /** The time is of ISO 8601, in UTC: {@code 2026-01-02T03:04:05.678Z}. */
  @EventName("agent.went-offline")
  record AgentWentOffline(String agentId, String lastSeenAt) implements AgentEvent {}
}

package io.agentflow.bridge;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;

/**
 * Where an entry is told: its stream and its subject, {@code af.<tenant>.<local>}. The tenant is a
 * token of its own, so that permissions of NATS can fence it.
 *
 * @param local the part behind the tenant, for example {@code workflows.<id>.out}
 */
public record Subject(BusStream stream, String tenantId, String local) {

  /**
   * The subject of an entry.
   *
   * @throws IllegalArgumentException for an aggregate that no stream is meant for
   */
  public static Subject of(LogEntry entry) {
    return switch (entry.aggregateType()) {
      case "workflow" ->
          switch (entry.eventType()) {
            case "workflow.tool-called" ->
                new Subject(BusStream.AF_TOOLS, entry.tenantId(), "tools.calls");
            case "workflow.tool-returned" ->
                new Subject(BusStream.AF_TOOLS, entry.tenantId(), "tools.audit");
            case "workflow.step-assigned" -> assignment(entry);
            default -> ofAggregate(BusStream.AF_MESSAGES, "workflows", entry);
          };
      case "agent" -> ofAggregate(BusStream.AF_MESSAGES, "agents", entry);
      case "budget" -> ofAggregate(BusStream.AF_SYSTEM, "budgets", entry);
      case "schedule" -> ofAggregate(BusStream.AF_SYSTEM, "schedules", entry);
      case "tenant" -> new Subject(BusStream.AF_SYSTEM, entry.tenantId(), "system.access");
      default ->
          throw new IllegalArgumentException(
              "no subject is defined for aggregates of type " + entry.aggregateType());
    };
  }

  /** Told to the agent that is given the step. */
  private static Subject assignment(LogEntry entry) {
    String agentId = CanonicalJson.parse(entry.payload()).path("agentId").asText();
    return new Subject(BusStream.AF_MESSAGES, entry.tenantId(), "agents." + agentId + ".in");
  }

  private static Subject ofAggregate(BusStream stream, String plural, LogEntry entry) {
    return new Subject(stream, entry.tenantId(), plural + "." + entry.aggregateId() + ".out");
  }

  /** As NATS knows it. */
  public String name() {
    return "af." + tenantId + "." + local;
  }

  /** The same under a replay's own subject. */
  String replayed(String replayId) {
    return "af." + tenantId + ".replay." + replayId + "." + local;
  }
}

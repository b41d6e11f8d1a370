package io.agentflow.application.stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.application.workflow.WorkflowAggregate;
import io.agentflow.domain.InvalidField;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which entries a reader wants: of its tenant alone, and of those the ones that pass every
 * condition that is named.
 *
 * @param types spoken names; null for all
 * @param workflowId the workflow's own entries, and those of budgets and schedules that name it:
 *     its reservations, its slice, its firing
 */
record EventFilter(
    String tenantId,
    @Nullable Set<String> types,
    @Nullable String aggregateId,
    @Nullable String workflowId) {

  private static final int ID_LENGTH_MAX = 200;

  /**
   * Reads what a client asks for.
   *
   * @throws InvalidField when a condition cannot be met by anything
   */
  static EventFilter of(
      String tenantId,
      @Nullable String types,
      @Nullable String aggregateId,
      @Nullable String workflowId) {
    checkLength("aggregateId", aggregateId);
    checkLength("workflowId", workflowId);
    return new EventFilter(
        tenantId, types == null ? null : TypePatterns.read(types), aggregateId, workflowId);
  }

  private static void checkLength(String field, @Nullable String value) {
    if (value != null && (value.isBlank() || value.length() > ID_LENGTH_MAX)) {
      throw new InvalidField(field, "must have 1 to %d characters".formatted(ID_LENGTH_MAX));
    }
  }

  boolean passes(LogEntry entry) {
    return entry.tenantId().equals(tenantId)
        && (types == null || types.contains(entry.eventType()))
        && (aggregateId == null || entry.aggregateId().equals(aggregateId))
        && (workflowId == null || isAbout(entry, workflowId));
  }

  /** An id of a reservation begins with its workflow's where a step asks for it. */
  private static boolean isAbout(LogEntry entry, String workflowId) {
    if (entry.aggregateId().equals(workflowId)) {
      return true;
    }
    if (entry.aggregateType().equals(WorkflowAggregate.TYPE)
        || !entry.payload().contains(workflowId)) {
      return false;
    }
    JsonNode payload = CanonicalJson.parse(entry.payload());
    return payload.path("workflowId").asText().equals(workflowId)
        || payload.path("reservationId").asText().startsWith(workflowId + ":");
  }
}

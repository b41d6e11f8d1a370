package io.agentflow.projections.workflow;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as last projected.
 *
 * @param status created, running, completed or failed
 * @param outcome the result of a completed workflow, the reason of a failed one
 * @param version the sequence number of its last event, from 0
 * @param position where that event stands in the log
 * @param createdPosition where its first event stands
 */
public record WorkflowRow(
    String workflowId,
    String name,
    String intent,
    String status,
    @Nullable String agentId,
    @Nullable String budgetId,
    Map<String, String> labels,
    long messages,
    long toolCalls,
    long totalTokens,
    long totalMicroDollars,
    @Nullable String outcome,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

package io.agentflow.projections.workflow;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as last projected.
 *
 * @param status created, running, paused, compensating, completed, failed or cancelled
 * @param autonomy how far agents may act alone, by the plan that is carried out
 * @param planVersion the version that is carried out
 * @param proposedPlanVersion the version that waits for its approval
 * @param stepsDone steps that are completed or skipped, and not undone
 * @param deadline it fails if it is not over by then
 * @param outcome the result of a completed workflow, the reason of a failed or cancelled one
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
    @Nullable String autonomy,
    @Nullable Integer planVersion,
    @Nullable Integer proposedPlanVersion,
    int stepsTotal,
    int stepsDone,
    @Nullable String pausedBecause,
    @Nullable Instant deadline,
    @Nullable String outcome,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

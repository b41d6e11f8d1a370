package io.agentflow.projections.schedule;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as last projected; its plan is told with one schedule alone.
 *
 * @param queueMax most firings that wait, where they queue
 * @param catchUpMillis how late a firing may be
 * @param budgetId the budget that all its workflows charge, where they share one
 * @param budgetTokens the limit of the budget that each of its workflows has, where each has one
 * @param status active, paused or deleted
 * @param nextDueAt when it is due next; null unless it is active
 * @param running the workflows that it started and that have not ended
 * @param waiting the workflows whose firings wait for their turn, the first in line first
 * @param lastScheduledAt the time for which it fired last
 * @param lastEnd how the last of its workflows to end ended
 * @param skippedFrom the first of the times that it skipped last, and why it did
 * @param version the sequence number of its last event, from 0
 * @param position where that event stands in the log
 * @param createdPosition where its first event stands
 */
public record ScheduleRow(
    String scheduleId,
    String name,
    String cron,
    String zone,
    String overlap,
    int queueMax,
    long catchUpMillis,
    String workflowName,
    String intent,
    Map<String, String> labels,
    @Nullable String budgetId,
    @Nullable Long budgetTokens,
    @Nullable Long budgetMicroDollars,
    String createdBy,
    String status,
    @Nullable String pausedBecause,
    @Nullable Instant nextDueAt,
    List<String> running,
    List<String> waiting,
    @Nullable Instant lastScheduledAt,
    @Nullable String lastWorkflowId,
    @Nullable String lastEnd,
    @Nullable Instant skippedFrom,
    @Nullable String skippedBecause,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

package io.agentflow.projections.step;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step of the plan that is carried out, as last projected.
 *
 * @param ordinal where it stands in the plan, from 0
 * @param kind agent, tool, approval or wait
 * @param needs the steps that have to be done before
 * @param status waiting, asking, unfunded, ready, assigned, backing_off, timed, completed, failed,
 *     skipped, cancelled or undone
 * @param attempt the attempt under way or the last one; 0 before the first
 * @param compensation whether the attempt undoes the step
 * @param leaseUntil as it was handed out; its worker may have extended it since
 * @param dueAt when its pause, its wait or the time of its attempt is over
 * @param approvalId what people were last asked for its sake
 * @param result what it led to, cut to 1,000 characters
 * @param reason why its last attempt failed, or why it was skipped
 * @param tokens used by all attempts together
 * @param microDollars used by all attempts together
 * @param autonomy the mode under which the attempt was handed out
 * @param rule why it could be handed out
 * @param version the sequence number of the last event about it, from 0
 * @param position where that event stands in the log
 * @param createdPosition where the first event about it stands
 */
public record StepRow(
    String workflowId,
    String stepId,
    int ordinal,
    String name,
    String kind,
    List<String> needs,
    String status,
    int attempt,
    boolean compensation,
    @Nullable String agentId,
    @Nullable Instant leaseUntil,
    @Nullable Instant dueAt,
    @Nullable String approvalId,
    @Nullable String result,
    @Nullable String reason,
    long tokens,
    long microDollars,
    @Nullable String autonomy,
    String risk,
    @Nullable String rule,
    @Nullable String progressNote,
    @Nullable Integer progressPercent,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

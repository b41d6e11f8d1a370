package io.agentflow.projections.approval;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decision that people have to take, or took, as last projected.
 *
 * @param workflowName null until the table of workflows has it
 * @param stepId the step that waits for it; null where it is the plan
 * @param what the step's name, or plan
 * @param digest of what is to be approved; whoever approves has to name it
 * @param requestedBy who asked, hence may not approve
 * @param required how many different people have to approve
 * @param grantedBy who has
 * @param people who may, by name
 * @param roles whose bearers may; with no people and no roles anyone may
 * @param delegates who decides in whose place, by the name of who was to
 * @param status open, granted, denied, expired or withdrawn
 * @param reason why it was denied
 * @param version the sequence number of the last event about it, from 0
 * @param position where that event stands in the log
 * @param createdPosition where the request stands
 */
public record ApprovalRow(
    String approvalId,
    String workflowId,
    @Nullable String workflowName,
    @Nullable String stepId,
    String what,
    String digest,
    String requestedBy,
    int required,
    List<String> grantedBy,
    List<String> people,
    List<String> roles,
    Map<String, String> delegates,
    String status,
    @Nullable String deniedBy,
    @Nullable String reason,
    Instant expiresAt,
    @Nullable Instant remindAt,
    @Nullable Instant remindedAt,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

package io.agentflow.projections.agent;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An agent as last projected.
 *
 * @param concurrency most steps that it has at once
 * @param autonomy how far it may go unasked
 * @param status active, suspended or retired
 * @param statusReason why it is suspended or retired
 * @param online whether it asks for work; said some time after it has stopped
 * @param lastSeenAt when it came online; once it is offline, when it was last seen
 * @param version the sequence number of its last event, from 0
 * @param position where that event stands in the log
 * @param createdPosition where its first event stands
 */
public record AgentRow(
    String agentId,
    String name,
    String role,
    @Nullable String model,
    List<String> tools,
    List<String> capabilities,
    int concurrency,
    String autonomy,
    String status,
    @Nullable String statusReason,
    boolean online,
    @Nullable Instant lastSeenAt,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

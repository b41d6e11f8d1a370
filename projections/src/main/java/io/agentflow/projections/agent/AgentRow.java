package io.agentflow.projections.agent;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An agent as last projected.
 *
 * @param status active or retired
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
    String status,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

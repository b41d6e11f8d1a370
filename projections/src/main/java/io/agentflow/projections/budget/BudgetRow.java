package io.agentflow.projections.budget;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A budget as last projected. What remains is the limit without what was allocated, reserved and
 * spent; below zero only where usage truly was above its reservation.
 *
 * @param parentBudgetId the budget that this one is a slice of
 * @param version the sequence number of its last event, from 0
 * @param position where that event stands in the log
 * @param createdPosition where its first event stands
 */
public record BudgetRow(
    String budgetId,
    String name,
    @Nullable String parentBudgetId,
    long limitTokens,
    long limitMicroDollars,
    long spentTokens,
    long spentMicroDollars,
    long remainingTokens,
    long remainingMicroDollars,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

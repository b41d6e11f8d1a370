package io.agentflow.projections.budget;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A budget as last projected. What remains is the limit without what was allocated, reserved and
 * spent; below zero only where usage truly was above its reservation.
 *
 * @param parentBudgetId the budget that this one is a slice of
 * @param status {@code open}; {@code exhausted} where reserved and spent are at the limit in either
 *     currency; {@code closed}
 * @param softLimitTokens null where there is no soft limit, as in micro-dollars
 * @param period {@code none}, {@code daily}, {@code weekly} or {@code monthly}
 * @param periodEnd when the period rolls; null where none does
 * @param spentTokens in the present period, as in micro-dollars
 * @param version the sequence number of its last event, from 0
 * @param position where that event stands in the log
 * @param createdPosition where its first event stands
 */
public record BudgetRow(
    String budgetId,
    String name,
    @Nullable String parentBudgetId,
    String status,
    long limitTokens,
    long limitMicroDollars,
    @Nullable Long softLimitTokens,
    @Nullable Long softLimitMicroDollars,
    String period,
    @Nullable Instant periodEnd,
    long allocatedTokens,
    long allocatedMicroDollars,
    long reservedTokens,
    long reservedMicroDollars,
    long spentTokens,
    long spentMicroDollars,
    long remainingTokens,
    long remainingMicroDollars,
    long version,
    long position,
    long createdPosition,
    Instant createdAt,
    Instant updatedAt) {}

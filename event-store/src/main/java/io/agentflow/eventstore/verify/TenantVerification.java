package io.agentflow.eventstore.verify;

import org.jspecify.annotations.Nullable;

/**
 * Whether one tenant's chain is whole.
 *
 * @param entries how many entries were checked, the broken one included
 * @param entriesPerSecond of one worker
 * @param durationMs of all workers that checked a part of the chain, added up
 * @param firstBrokenPosition the tenant position of the first broken entry; null when all are whole
 */
public record TenantVerification(
    String tenantId,
    boolean valid,
    long entries,
    long entriesPerSecond,
    long durationMs,
    @Nullable Long firstBrokenPosition,
    @Nullable Finding finding) {}

package io.agentflow.eventstore;

/**
 * The place that an entry was given in the log.
 *
 * @param sequenceNumber gapless within the aggregate, from 0
 * @param position gapless over all tenants, in commit order, from 1
 */
public record Appended(String aggregateId, long sequenceNumber, long position, Hash hash) {}

package io.agentflow.projections.engine;

import java.time.Instant;

/**
 * An event that broke a projection. What its aggregate did from there on is not in the tables; all
 * else is.
 *
 * @param position of the event
 * @param sequence its sequence number in its aggregate
 * @param waiting how many events of the aggregate are not in the tables, this one included
 * @param cause what went wrong, in one line
 * @param attempts how often it was tried
 */
public record DeadLetter(
    String projection,
    String tenantId,
    String aggregateId,
    long position,
    long sequence,
    String eventType,
    long waiting,
    String cause,
    int attempts,
    Instant firstFailedAt,
    Instant lastFailedAt) {}

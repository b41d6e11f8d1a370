package io.agentflow.bridge;

import java.time.Duration;

/**
 * How much a stream holds.
 *
 * @param maxAge for how long a message is kept
 * @param maxBytes how large it may become, all in all
 */
public record StreamLimits(Duration maxAge, long maxBytes) {}

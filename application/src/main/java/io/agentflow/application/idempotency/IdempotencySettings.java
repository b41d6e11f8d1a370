package io.agentflow.application.idempotency;

import java.time.Duration;

/**
 * What an operator says of receipts.
 *
 * @param receiptsLast for how long the answer to a key is remembered
 */
public record IdempotencySettings(Duration receiptsLast) {

  public static final IdempotencySettings DEFAULT = new IdempotencySettings(Duration.ofHours(24));
}

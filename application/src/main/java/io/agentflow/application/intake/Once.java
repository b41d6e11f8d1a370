package io.agentflow.application.intake;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.NewReceipt;
import io.agentflow.eventstore.ReceiptKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A request that is to be carried out once, and whether its receipt is written yet. */
public final class Once {

  private final ReceiptKey key;
  private final Hash payloadDigest;
  private final Instant expiresAt;
  private volatile boolean receipted;

  /**
   * A request under a key.
   *
   * @param payloadDigest of its body
   */
  public Once(ReceiptKey key, Hash payloadDigest, Instant expiresAt) {
    this.key = key;
    this.payloadDigest = payloadDigest;
    this.expiresAt = expiresAt;
  }

  public ReceiptKey key() {
    return key;
  }

  public Hash payloadDigest() {
    return payloadDigest;
  }

  public Instant expiresAt() {
    return expiresAt;
  }

  /** Whether the receipt was appended with what the request led to. */
  public boolean isReceipted() {
    return receipted;
  }

  void receipted() {
    receipted = true;
  }

  /** What is to be appended with the events; null for an aggregate's version means its last. */
  NewReceipt receipt(HttpStatus status, String aggregateId, @Nullable Long sequenceNumber) {
    return new NewReceipt(
        key, payloadDigest, expiresAt, status.value(), aggregateId, sequenceNumber);
  }
}

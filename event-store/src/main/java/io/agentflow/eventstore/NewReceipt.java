package io.agentflow.eventstore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.jspecify.annotations.Nullable;

/**
 * A receipt that is written in the transaction that appends what a command leads to: either both
 * are there, or neither.
 *
 * @param payloadDigest of the request's body
 * @param status of the answer, as HTTP numbers it
 * @param aggregateId whose entry the answer names; it has to be among those that are appended
 * @param sequenceNumber of that entry; null for the aggregate's last one
 */
public record NewReceipt(
    ReceiptKey key,
    Hash payloadDigest,
    Instant expiresAt,
    int status,
    String aggregateId,
    @Nullable Long sequenceNumber) {

  /** Under this key it travels in a command's metadata; events do not get it. */
  public static final String METADATA_KEY = NewReceipt.class.getName();

  /** That of the command that is being carried out, if it has one. */
  public static Optional<NewReceipt> ofCurrentCommand() {
    return CurrentUnitOfWork.isStarted()
            && CurrentUnitOfWork.get().root().getMessage().getMetaData().get(METADATA_KEY)
                instanceof NewReceipt receipt
        ? Optional.of(receipt)
        : Optional.empty();
  }

  /** Whether the answer may name this entry; of several, it names the last. */
  public boolean names(String ofAggregateId, long ofSequenceNumber) {
    return ofAggregateId.equals(aggregateId)
        && (sequenceNumber == null || ofSequenceNumber == sequenceNumber);
  }

  /** Which of the appended entries the answer names. */
  public Appended answered(List<Appended> appended) {
    return appended.stream()
        .filter(entry -> names(entry.aggregateId(), entry.sequenceNumber()))
        .reduce((before, after) -> after)
        .orElseThrow();
  }
}

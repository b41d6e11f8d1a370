package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.NewReceipt;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** One unit of work on its way into the log: appended whole or not at all. */
final class Unit {

  private final List<NewEntry> entries;
  private final @Nullable NewReceipt receipt;
  private final CompletableFuture<List<Appended>> outcome = new CompletableFuture<>();

  /**
   * A unit.
   *
   * @throws IllegalArgumentException when the receipt names an entry that is not among these
   */
  Unit(List<NewEntry> entries, @Nullable NewReceipt receipt) {
    if (receipt != null
        && entries.stream()
            .noneMatch(entry -> receipt.names(entry.aggregateId(), entry.sequenceNumber()))) {
      throw new IllegalArgumentException("nothing is appended to " + receipt.aggregateId());
    }
    this.entries = List.copyOf(entries);
    this.receipt = receipt;
  }

  List<NewEntry> entries() {
    return entries;
  }

  /** What is written with them, if anything is. */
  Optional<NewReceipt> receipt() {
    return Optional.ofNullable(receipt);
  }

  /** What its caller waits for. */
  Future<List<Appended>> outcome() {
    return outcome;
  }

  void fail(RuntimeException reason) {
    outcome.completeExceptionally(reason);
  }

  void succeed(List<Appended> places) {
    outcome.complete(places);
  }
}

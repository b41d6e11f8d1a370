package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** One unit of work on its way into the log: appended whole or not at all. */
final class Unit {

  private final List<NewEntry> entries;
  private final CompletableFuture<List<Appended>> outcome = new CompletableFuture<>();

  Unit(List<NewEntry> entries) {
    this.entries = List.copyOf(entries);
  }

  List<NewEntry> entries() {
    return entries;
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

package io.agentflow.bench;

import java.util.Objects;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateLifecycle;
import org.axonframework.modelling.command.TargetAggregateIdentifier;
import org.jspecify.annotations.Nullable;

/** The least an aggregate can do, so that what is measured is the store. */
final class Counter {

  @AggregateIdentifier private @Nullable String counterId;
  private long total;

  record Open(String counterId, String text) {}

  record Add(@TargetAggregateIdentifier String counterId, String text, long amount) {}

  record Opened(String counterId, String text) {}

  record Added(String counterId, String text, long amount, long total) {}

  /** For Axon, which folds the events into it. */
  Counter() {}

  @CommandHandler
  Counter(Open command) {
    AggregateLifecycle.apply(new Opened(command.counterId(), command.text()));
  }

  @CommandHandler
  void handle(Add command) {
    AggregateLifecycle.apply(
        new Added(
            Objects.requireNonNull(counterId),
            command.text(),
            command.amount(),
            total + command.amount()));
  }

  @EventSourcingHandler
  void on(Opened event) {
    counterId = event.counterId();
  }

  @EventSourcingHandler
  void on(Added event) {
    total = event.total();
  }
}

package io.agentflow.domain;

import java.util.List;

/**
 * What a decider answers: the events that become true, or the reason why not. No events means that
 * it is already so.
 */
public sealed interface Decision<E, R extends Rejection> {

  /** The command is taken; the events are in the order in which they happen. */
  record Accepted<E, R extends Rejection>(List<E> events) implements Decision<E, R> {
    public Accepted {
      events = List.copyOf(events);
    }
  }

  /** The command is refused; nothing happens. */
  record Rejected<E, R extends Rejection>(R reason) implements Decision<E, R> {}

  /** Takes the command with one event. */
  static <E, R extends Rejection> Decision<E, R> accept(E event) {
    return new Accepted<>(List.of(event));
  }

  /** The command was carried out before: nothing more happens. */
  static <E, R extends Rejection> Decision<E, R> alreadySo() {
    return new Accepted<>(List.of());
  }

  /** Refuses the command. */
  static <E, R extends Rejection> Decision<E, R> reject(R reason) {
    return new Rejected<>(reason);
  }
}

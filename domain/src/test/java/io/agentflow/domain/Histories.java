package io.agentflow.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Decision.Rejected;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** An aggregate's history in a test: commands are decided, their events evolve the state. */
public final class Histories<C, E, S, R extends Rejection> {

  private final BiFunction<C, S, Decision<E, R>> decide;
  private final BiFunction<S, E, S> evolve;
  private final List<E> events = new ArrayList<>();
  private S state;

  public Histories(S initial, BiFunction<C, S, Decision<E, R>> decide, BiFunction<S, E, S> evolve) {
    this.state = initial;
    this.decide = decide;
    this.evolve = evolve;
  }

  /** Carries out commands that have to be accepted. */
  @SafeVarargs
  public final Histories<C, E, S, R> given(C... commands) {
    for (C command : commands) {
      assertThat(when(command)).as("given %s", command).isInstanceOf(Accepted.class);
    }
    return this;
  }

  /** Decides a command; the events of an acceptance are part of the history from now on. */
  public Decision<E, R> when(C command) {
    Decision<E, R> decision = decide.apply(command, state);
    if (decision instanceof Accepted<E, R>(List<E> accepted)) {
      accepted.forEach(event -> state = evolve.apply(state, event));
      events.addAll(accepted);
    }
    return decision;
  }

  public void isAlreadySo(C command) {
    assertThat(when(command)).isEqualTo(new Accepted<E, R>(List.of()));
  }

  public void refuses(C command, R reason) {
    assertThat(when(command)).isEqualTo(new Rejected<E, R>(reason));
    assertThat(reason.sentence()).isNotBlank();
  }

  public S state() {
    return state;
  }

  public List<E> events() {
    return events;
  }
}

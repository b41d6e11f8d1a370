package io.agentflow.application.reaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.reaction.Reaction.Asked;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.axonframework.eventhandling.EventHandler;

/** Of which events {@link Reactions} are told: of all from which anything follows. */
final class Heard {

  private static final Set<Class<?>> TYPES =
      Arrays.stream(Reactions.class.getDeclaredMethods())
          .filter(method -> method.isAnnotationPresent(EventHandler.class))
          .map(method -> method.getParameterTypes()[0])
          .collect(Collectors.toSet());

  private Heard() {}

  /** What a reaction asks for because of an event is asked for only where it hears of that. */
  static List<Asked> of(Object event, List<Asked> asked) {
    if (!asked.isEmpty()) {
      assertThat(TYPES).anyMatch(type -> type.isInstance(event));
    }
    return asked;
  }
}

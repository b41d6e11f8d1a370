package io.agentflow.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EventNamesTest {

  @Test
  void every_event_has_a_spoken_name_of_its_own_that_begins_with_its_aggregate() {
    Map<Class<?>, EventName> names = EventNames.byClass();

    assertThat(names).hasSize(70);
    names.forEach(
        (event, name) -> {
          String aggregate = event.getPackageName().substring("io.agentflow.domain.".length());
          assertThat(name.value()).startsWith(aggregate + ".").matches("[a-z]+\\.[a-z-]+");
          assertThat(name.version()).isPositive();
        });
  }
}

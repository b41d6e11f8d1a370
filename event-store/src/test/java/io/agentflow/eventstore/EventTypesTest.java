package io.agentflow.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.eventstore.EventTypes.UnknownEventType;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.axonframework.serialization.SimpleSerializedObject;
import org.junit.jupiter.api.Test;

class EventTypesTest {

  private record Measured(String what, long lengthMillimetres) {}

  private static final EventType FIRST = new EventType("thing.sized", 1);
  private static final EventType SECOND = new EventType("thing.measured", 1);
  private static final EventType THIRD = new EventType("thing.measured", 2);

  private static final Upcaster RENAMED = new Upcaster(FIRST, SECOND, UnaryOperator.identity());
  private static final Upcaster FROM_METRES =
      new Upcaster(
          SECOND,
          THIRD,
          payload -> {
            long metres = payload.remove("lengthMetres").longValue();
            return payload.put("lengthMillimetres", metres * 1_000);
          });

  private static EventTypes types(Upcaster... upcasters) {
    return new EventTypes(Map.of(Measured.class, THIRD), List.of(upcasters));
  }

  private static Object read(EventTypes types, EventType stored, String payload) {
    return new SpokenNameSerializer(types)
        .deserialize(
            new SimpleSerializedObject<>(
                payload, String.class, stored.name(), Integer.toString(stored.version())));
  }

  @Test
  void an_earlier_form_is_read_through_all_the_upcasters_that_lead_from_it() {
    EventTypes types = types(FROM_METRES, RENAMED);
    Measured expected = new Measured("plank", 2_000);
    assertThat(read(types, FIRST, "{\"lengthMetres\":2,\"what\":\"plank\"}")).isEqualTo(expected);
    assertThat(read(types, SECOND, "{\"lengthMetres\":2,\"what\":\"plank\"}")).isEqualTo(expected);
    assertThat(read(types, THIRD, "{\"lengthMillimetres\":2000,\"what\":\"plank\"}"))
        .isEqualTo(expected);
    assertThat(types.classOf(FIRST)).isEqualTo(Measured.class);
    assertThat(types.typeOf(Measured.class)).as("what is written").isEqualTo(THIRD);
  }

  @Test
  void a_type_that_nothing_leads_from_is_refused() {
    assertThatThrownBy(
            () -> read(types(RENAMED, FROM_METRES), new EventType("thing.lost", 1), "{}"))
        .isInstanceOf(UnknownEventType.class)
        .hasMessageContaining("thing.lost version 1");
    assertThatThrownBy(() -> types().classOf(SECOND)).isInstanceOf(UnknownEventType.class);
  }

  @Test
  void upcasters_that_lead_nowhere_or_in_a_circle_or_two_ways_are_refused() {
    assertThatThrownBy(() -> types(RENAMED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("end at thing.measured version 1");
    assertThatThrownBy(() -> types(RENAMED, new Upcaster(SECOND, FIRST, UnaryOperator.identity())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> types(FROM_METRES, FROM_METRES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two ways");
    assertThatThrownBy(() -> types(new Upcaster(THIRD, SECOND, UnaryOperator.identity())))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

package io.agentflow.application;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.EventName;
import io.agentflow.domain.EventNames;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.EventTypes;
import io.agentflow.eventstore.EventTypes.UnknownEventType;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.axonframework.serialization.SimpleSerializedObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A file for each event type and version ever released: its bytes load, are written again as they
 * were, and have the hash they always had.
 */
class GoldenFilesTest {

  private static final Map<Class<?>, EventType> TYPES =
      EventNames.byClass().entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, e -> eventType(e.getValue())));
  private static final SpokenNameSerializer SERIALIZER =
      new SpokenNameSerializer(new EventTypes(TYPES, Upcasters.all()));

  private static EventType eventType(EventName name) {
    return new EventType(name.value(), name.version());
  }

  private static Stream<EventType> eventTypes() {
    return TYPES.values().stream();
  }

  private static String resource(String name) {
    try (InputStream in =
        requireNonNull(GoldenFilesTest.class.getResourceAsStream("/golden/" + name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static Map<String, String> hashes() {
    return resource("hashes.txt")
        .lines()
        .map(line -> line.split("  ", 2))
        .collect(Collectors.toMap(parts -> parts[1], parts -> parts[0]));
  }

  private static String fileOf(EventType type) {
    return type.name() + "." + type.version() + ".json";
  }

  private static Object load(EventType type, String payload) {
    return SERIALIZER.deserialize(
        new SimpleSerializedObject<>(
            payload, String.class, type.name(), Integer.toString(type.version())));
  }

  @ParameterizedTest
  @MethodSource("eventTypes")
  void its_bytes_load_and_are_written_again_as_they_were(EventType type) {
    String payload = resource(fileOf(type));

    Object event = load(type, payload);

    assertThat(TYPES.get(event.getClass())).isEqualTo(type);
    assertThat(CanonicalJson.canonicalize(SERIALIZER.serialize(event, String.class).getData()))
        .isEqualTo(payload);
  }

  @ParameterizedTest
  @MethodSource("releasedTypes")
  void it_has_the_hash_that_it_always_had(EventType type) {
    String record =
        ChainLink.record(
            new LogEntry(
                1,
                "golden",
                1,
                UUID.fromString("018f4e6a-0000-7000-8000-00000000eeee"),
                type.name().substring(0, type.name().indexOf('.')),
                "018f4e6a-0000-7000-8000-00000000aaaa",
                0,
                type.name(),
                type.version(),
                Instant.parse("2026-01-02T03:04:05.000006Z"),
                "{\"actor\":\"golden\"}",
                resource(fileOf(type)),
                Hash.GENESIS,
                Hash.GENESIS));

    assertThat(record).isEqualTo(CanonicalJson.canonicalize(record));
    assertThat(ChainLink.hash(Hash.GENESIS, record).hex()).isEqualTo(hashes().get(fileOf(type)));
  }

  /** Whoever adds an event type, or a version of one, adds the file of what it is stored as. */
  @Test
  void every_event_type_has_a_golden_file() {
    assertThat(hashes().keySet()).containsAll(eventTypes().map(GoldenFilesTest::fileOf).toList());
  }

  private static Stream<EventType> releasedTypes() {
    return hashes().keySet().stream().map(GoldenFilesTest::typeOf);
  }

  private static EventType typeOf(String file) {
    String name = file.substring(0, file.length() - ".json".length());
    int dot = name.lastIndexOf('.');
    return new EventType(name.substring(0, dot), Integer.parseInt(name.substring(dot + 1)));
  }

  /** Also when nobody writes that version any more: then upcasters lead from it to a class. */
  @ParameterizedTest
  @MethodSource("releasedTypes")
  void what_was_released_loads_for_ever(EventType type) {
    assertThat(TYPES).containsKey(load(type, resource(fileOf(type))).getClass());
  }

  @Test
  void an_unknown_type_version_or_field_is_refused() {
    String started = resource("workflow.started.1.json");
    for (EventType unknown :
        List.of(new EventType("workflow.started", 2), new EventType("workflow.begun", 1))) {
      assertThatThrownBy(() -> load(unknown, started)).isInstanceOf(UnknownEventType.class);
    }
    assertThatThrownBy(
            () ->
                load(new EventType("workflow.started", 1), started.replace("}", ",\"more\":true}")))
        .hasRootCauseInstanceOf(
            com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException.class);
  }
}

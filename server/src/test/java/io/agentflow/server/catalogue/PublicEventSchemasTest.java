package io.agentflow.server.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.bridge.integration.PublicEventType;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A public event type does not change without another version: others have built on it. */
class PublicEventSchemasTest {

  private static final Path SCHEMAS = Path.of("../docs/events/public");
  private static final Path SHAPES = SCHEMAS.resolve("shapes.txt");
  private static final JsonMapper JSON = new JsonMapper();

  /** By type and version, as they were released. */
  private static Map<String, String> released() throws IOException {
    if (!Files.exists(SHAPES)) {
      return new TreeMap<>();
    }
    try (Stream<String> lines = Files.lines(SHAPES)) {
      return lines
          .map(line -> line.split("  ", 2))
          .collect(
              Collectors.toMap(parts -> parts[1], parts -> parts[0], (a, b) -> a, TreeMap::new));
    }
  }

  private static String key(PublicEventType type) {
    return type.spokenName() + " " + type.version();
  }

  private static String digest(PublicEventType type) throws IOException {
    ObjectNode schema =
        (ObjectNode) JSON.readTree(Files.readString(SCHEMAS.resolve(type.schemaFile())));
    return Hash.sha256(
            CanonicalJson.canonicalize(EventSchemas.shape(schema)).getBytes(StandardCharsets.UTF_8))
        .hex();
  }

  /** Notes what is new; what is there already stays as it is. */
  @Test
  @EnabledIfSystemProperty(named = "agentflow.renew-catalogue", matches = "true")
  void renew() throws IOException {
    Map<String, String> shapes = released();
    for (PublicEventType type : PublicEventType.values()) {
      shapes.putIfAbsent(key(type), digest(type));
    }
    Files.writeString(
        SHAPES,
        shapes.entrySet().stream()
            .map(shape -> shape.getValue() + "  " + shape.getKey() + "\n")
            .collect(Collectors.joining()));
    assertThat(shapes).hasSizeGreaterThanOrEqualTo(PublicEventType.values().length);
  }

  @ParameterizedTest
  @EnumSource(PublicEventType.class)
  void what_was_released_under_a_version_keeps_its_shape(PublicEventType type) throws IOException {
    assertThat(digest(type))
        .as("%s: give it another version, and run ./dev catalogue", key(type))
        .isEqualTo(released().get(key(type)));
  }

  @Test
  void the_versions_that_are_told_are_noted() throws IOException {
    assertThat(released().keySet())
        .containsAll(Arrays.stream(PublicEventType.values()).map(t -> key(t)).toList());
  }
}

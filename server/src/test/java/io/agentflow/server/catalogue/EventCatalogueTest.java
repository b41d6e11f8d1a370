package io.agentflow.server.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentflow.domain.EventName;
import io.agentflow.domain.EventNames;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The catalogue that is checked in says what the code does: a schema for each event type and
 * version, and the streams. What was released keeps its shape for ever.
 */
class EventCatalogueTest {

  private static final String RENEW = "agentflow.renew-catalogue";
  private static final String HOW_TO_RENEW =
      "./dev catalogue writes it anew; look at the difference";

  private static final Path ROOT = Path.of("..");
  private static final Path SCHEMAS = ROOT.resolve("docs/events/schemas");
  private static final Path DIGESTS = ROOT.resolve("docs/events/shapes.txt");
  private static final Path ASYNC_API = ROOT.resolve("docs/asyncapi.yaml");
  private static final Path GOLDEN = ROOT.resolve("application/src/test/resources/golden");

  private static final JsonMapper JSON = new JsonMapper();
  private static final EventSchemas GENERATOR =
      new EventSchemas(new SourceComments(ROOT.resolve("domain/src/main/java")));

  private static Map<String, ObjectNode> generated() {
    Map<String, ObjectNode> schemas = new TreeMap<>();
    EventNames.byClass()
        .forEach(
            (event, name) -> schemas.put(EventSchemas.file(name), GENERATOR.schema(name, event)));
    return schemas;
  }

  private static String asyncApi() {
    return new AsyncApi(EventNames.byClass().values()).yaml();
  }

  private static String text(ObjectNode schema) throws IOException {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    return JSON.writer(
                new DefaultPrettyPrinter(
                        Separators.createDefaultInstance()
                            .withObjectFieldValueSpacing(Separators.Spacing.AFTER))
                    .withObjectIndenter(lines))
            .writeValueAsString(schema)
        + "\n";
  }

  private static String digest(ObjectNode schema) {
    return Hash.sha256(
            CanonicalJson.canonicalize(EventSchemas.shape(schema)).getBytes(StandardCharsets.UTF_8))
        .hex();
  }

  /** By file, as they were released. */
  private static Map<String, String> digests() throws IOException {
    return Files.exists(DIGESTS)
        ? Files.readAllLines(DIGESTS).stream()
            .map(line -> line.split("  ", 2))
            .collect(
                Collectors.toMap(parts -> parts[1], parts -> parts[0], (a, b) -> a, TreeMap::new))
        : new TreeMap<>();
  }

  /** Writes what is new; the digest of what is there already stays as it is. */
  @Test
  @EnabledIfSystemProperty(named = RENEW, matches = "true")
  void renew() throws IOException {
    Map<String, String> digests = digests();
    Files.createDirectories(SCHEMAS);
    for (Map.Entry<String, ObjectNode> schema : generated().entrySet()) {
      Files.writeString(SCHEMAS.resolve(schema.getKey()), text(schema.getValue()));
      digests.putIfAbsent(schema.getKey(), digest(schema.getValue()));
    }
    Files.writeString(ASYNC_API, asyncApi());
    Files.writeString(
        DIGESTS,
        digests.entrySet().stream()
            .map(digest -> digest.getValue() + "  " + digest.getKey() + "\n")
            .collect(Collectors.joining()));
    assertThat(digests).isNotEmpty();
  }

  @Test
  @DisabledIfSystemProperty(named = RENEW, matches = "true")
  void each_event_type_has_the_schema_that_its_record_has_now() throws IOException {
    for (Map.Entry<String, ObjectNode> schema : generated().entrySet()) {
      assertThat(SCHEMAS.resolve(schema.getKey()))
          .as(HOW_TO_RENEW)
          .hasContent(text(schema.getValue()));
    }
  }

  @Test
  @DisabledIfSystemProperty(named = RENEW, matches = "true")
  void the_streams_are_described_as_the_bridge_tells_them() {
    assertThat(ASYNC_API).as(HOW_TO_RENEW).hasContent(asyncApi());
  }

  @Test
  @DisabledIfSystemProperty(named = RENEW, matches = "true")
  void each_schema_is_noted_with_its_shape_and_none_is_left_over() throws IOException {
    try (Stream<Path> files = Files.list(SCHEMAS)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as(HOW_TO_RENEW)
          .containsExactlyInAnyOrderElementsOf(digests().keySet());
    }
    assertThat(digests().keySet()).containsAll(generated().keySet());
  }

  private static Stream<String> released() throws IOException {
    return digests().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("released")
  void what_was_released_keeps_its_shape(String file) throws IOException {
    ObjectNode schema = (ObjectNode) JSON.readTree(Files.readString(SCHEMAS.resolve(file)));

    assertThat(digest(schema))
        .as("%s was released: add a version of the event, with an upcaster", file)
        .isEqualTo(digests().get(file));
  }

  @ParameterizedTest
  @MethodSource("released")
  void its_golden_file_is_valid_and_nothing_more_or_less_would_be(String file) throws IOException {
    ObjectNode golden =
        (ObjectNode)
            CanonicalJson.parse(
                Files.readString(
                    GOLDEN.resolve(file.replaceFirst("\\.v(\\d+)\\.json$", ".$1.json"))));
    assertThat(errors(file, golden)).isEmpty();

    assertThat(errors(file, golden.deepCopy().put("more", true))).isNotEmpty();
    JsonNode required = JSON.readTree(Files.readString(SCHEMAS.resolve(file))).path("required");
    assertThat(required).isNotEmpty();
    for (JsonNode field : required) {
      ObjectNode less = golden.deepCopy();
      less.remove(field.asText());
      assertThat(errors(file, less)).as(field.asText()).isNotEmpty();
    }
  }

  private static List<String> errors(String file, ObjectNode event) throws IOException {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(Files.readString(SCHEMAS.resolve(file)))
        .validate(event.toString(), InputFormat.JSON)
        .stream()
        .map(Object::toString)
        .toList();
  }

  @Test
  void words_may_change_and_whatever_a_reader_relies_on_may_not() {
    Map.Entry<Class<?>, EventName> any = EventNames.byClass().entrySet().iterator().next();
    ObjectNode schema = GENERATOR.schema(any.getValue(), any.getKey());
    ObjectNode other = schema.deepCopy().put("description", "other words");
    other.withObject("/properties/name").put("description", "other words");
    assertThat(digest(other)).isEqualTo(digest(schema));

    other.withObject("/properties/name").put("type", "integer");
    assertThat(digest(other)).isNotEqualTo(digest(schema));
    ObjectNode described = schema.deepCopy();
    described.withObject("/properties/description").put("type", "string");
    assertThat(digest(described)).as("a property of that name").isNotEqualTo(digest(schema));
  }

  @Test
  void every_reference_of_the_streams_document_leads_somewhere() throws IOException {
    JsonNode document = new YAMLMapper().readTree(ASYNC_API.toFile());
    List<JsonNode> references = document.findValues("$ref");
    assertThat(references).hasSizeGreaterThan(100);
    for (JsonNode reference : references) {
      String[] fileAndPointer = reference.asText().split("#", 2);
      JsonNode target =
          fileAndPointer[0].isEmpty()
              ? document
              : JSON.readTree(Files.readString(ASYNC_API.resolveSibling(fileAndPointer[0])));
      String pointer = fileAndPointer.length == 1 ? "" : fileAndPointer[1];
      assertThat(target.at(pointer).isMissingNode()).as(reference.asText()).isFalse();
    }
  }

  @Test
  void a_type_that_has_no_schema_is_not_guessed() {
    record Odd(double share) {}
    EventName any = EventNames.byClass().values().iterator().next();

    assertThatThrownBy(() -> GENERATOR.schema(any, Odd.class))
        .isInstanceOf(IllegalStateException.class);
  }
}

package io.agentflow.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentflow.application.intake.ProblemType;
import io.swagger.v3.parser.OpenAPIV3Parser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is checked in is what the code does, is sound, and breaks nobody. */
class ContractTest {

  static final Path CHECKED_IN = Path.of("..", "docs", "openapi.json");
  private static final Path RELEASED = Path.of("..", "docs", "openapi.released.json");
  private static final JsonMapper JSON = JsonMapper.shared();

  private static GeneratedContract generated;
  private static String text;

  @BeforeAll
  static void generate() throws IOException {
    generated = GeneratedContract.ofControllers();
    text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(generated.document()) + "\n";
    if (Boolean.getBoolean("contract.renew")) {
      Files.writeString(CHECKED_IN, text);
    }
  }

  private static List<JsonNode> operations(JsonNode document) {
    List<JsonNode> operations = new ArrayList<>();
    document.path("paths").forEach(path -> path.forEach(operations::add));
    return operations;
  }

  @Test
  void the_contract_that_is_checked_in_is_the_one_that_the_code_has() throws IOException {
    assertThat(Files.readString(CHECKED_IN))
        .as("the API has changed: run ./dev openapi, and look at the difference")
        .isEqualTo(text);
  }

  @Test
  void the_same_code_has_the_same_contract() {
    assertThat(GeneratedContract.ofControllers().document()).isEqualTo(generated.document());
  }

  @Test
  void nothing_that_was_released_is_broken_unless_the_version_says_so() throws IOException {
    JsonNode released = JSON.readTree(RELEASED);
    if (promise(released).equals(promise(generated.document()))) {
      assertThat(BreakingChanges.between(released, generated.document())).isEmpty();
    }
  }

  /** What of a version stays while nothing breaks: its first number; before 1.0.0, the second. */
  private static String promise(JsonNode document) {
    String version = document.path("info").path("version").asString();
    return version.replaceFirst(version.startsWith("0.") ? "\\.[0-9]+$" : "\\..*", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /paths/~1v1~1workflows/post | | an operation is gone
          /components/schemas/WorkflowRow/properties/intent | | an answer lacks a field
          /components/schemas/WorkflowRow/properties/version/type | "string" | a field of an answer is of another type
          /components/schemas/WorkflowRow/properties/intent/type | ["string","null"] | a field of an answer may be null
          /components/schemas/AgentRegisterRequest/required | ["name","role","model"] | a request needs a field more
          /components/schemas/AgentRegisterRequest/properties/model | | a request may not have a field any more
          /components/schemas/BudgetOpenRequest/properties/period/enum | ["none"] | a request may have fewer values
          /components/parameters/Idempotency-Key/required | true | a parameter is required
          """)
  void what_breaks_a_client_is_seen(String at, String value, String what) {
    ObjectNode changed = generated.document().deepCopy();
    int slash = at.lastIndexOf('/');
    ObjectNode parent = (ObjectNode) changed.at(at.substring(0, slash));
    String name = at.substring(slash + 1);
    assertThat(parent.has(name)).isTrue();
    if (value == null) {
      parent.remove(name);
    } else {
      parent.set(name, JSON.readTree(value));
    }
    assertThat(BreakingChanges.between(generated.document(), changed)).as(what).isNotEmpty();
  }

  @Test
  void what_is_only_more_breaks_nobody() {
    ObjectNode more = generated.document().deepCopy();
    ((ObjectNode) more.at("/components/schemas/WorkflowRow/properties"))
        .putObject("colour")
        .put("type", "string");
    ((ObjectNode) more.at("/components/schemas/AgentRegisterRequest/properties"))
        .putObject("colour")
        .put("type", "string");
    ((ObjectNode) more.path("paths")).set("/v1/colours", more.path("paths").path("/v1/status"));
    assertThat(BreakingChanges.between(generated.document(), more)).isEmpty();
  }

  @Test
  void the_document_is_valid_OpenAPI() {
    var parsed = new OpenAPIV3Parser().readContents(text);
    assertThat(parsed.getMessages()).isEmpty();
    assertThat(parsed.getOpenAPI().getPaths()).hasSize(generated.operations().size());
    assertThat(
            new OpenAPIV3Parser()
                .readContents(text.replace("\"summary\"", "\"sumary\""))
                .getMessages())
        .isNotEmpty();
  }

  @Test
  void every_schema_is_one() {
    Schema metaSchema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(
                JSON.readTree("{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}"));
    generated
        .document()
        .path("components")
        .path("schemas")
        .propertyStream()
        .forEach(
            schema ->
                assertThat(metaSchema.validate(schema.getValue())).as(schema.getKey()).isEmpty());
  }

  @Test
  void every_operation_of_the_server_is_in_the_document_and_no_other() {
    List<String> documented = new ArrayList<>();
    generated
        .document()
        .path("paths")
        .propertyStream()
        .forEach(
            path ->
                path.getValue().propertyNames().forEach(v -> documented.add(v + path.getKey())));
    List<String> served = new ArrayList<>();
    generated
        .operations()
        .forEach((path, verbs) -> verbs.keySet().forEach(v -> served.add(v + path)));
    assertThat(documented).containsExactlyInAnyOrderElementsOf(served).hasSizeGreaterThan(60);
  }

  @Test
  void every_operation_has_a_name_of_its_own_a_verb_and_a_noun() {
    List<String> ids =
        operations(generated.document()).stream()
            .map(operation -> operation.path("operationId").asString())
            .toList();
    assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("[a-z]+([A-Z][a-z]+)+"));
    assertThat(ids).containsAll(OperationProblems.named());
  }

  @Test
  void every_operation_has_an_example() {
    // A stream has no end that an example could show; EventStreamIT reads it.
    Set<String> told = new HashSet<>(Set.of("streamEvents"));
    Examples.story().forEach(example -> told.add(example.path("operation").asString()));
    assertThat(told)
        .containsExactlyInAnyOrderElementsOf(
            operations(generated.document()).stream()
                .map(operation -> operation.path("operationId").asString())
                .toList());
  }

  @Test
  void every_example_of_a_body_fits_its_schema() {
    Contract contract = new Contract(generated.document());
    int bodies = 0;
    for (JsonNode operation : operations(generated.document())) {
      for (JsonNode content : operation.findParents("example")) {
        if (content.has("schema") && !content.has("in")) {
          bodies++;
          assertThat(contract.faults(content.path("schema"), content.path("example")))
              .as(operation.path("operationId").asString())
              .isEmpty();
        }
      }
    }
    assertThat(bodies).isGreaterThan(80);
  }

  @Test
  void every_problem_has_a_type_that_leads_to_its_description() throws IOException {
    String described = Files.readString(Path.of("..", "docs", "problems.md"));
    assertThat(Stream.of(ProblemType.values()).map(ProblemType::uri))
        .allMatch(uri -> described.contains("## " + uri.substring("/problems/".length()) + "\n"));
  }

  @Test
  void every_problem_type_is_answered_by_some_operation() {
    TreeSet<String> answered = new TreeSet<>();
    generated
        .document()
        .path("components")
        .path("responses")
        .findValues("enum")
        .forEach(types -> types.forEach(type -> answered.add(type.asString())));
    // No operation answers that there is no such operation.
    assertThat(answered)
        .containsAll(
            Stream.of(ProblemType.values())
                .filter(type -> type != ProblemType.METHOD_NOT_ALLOWED)
                .map(ProblemType::uri)
                .toList());
  }
}

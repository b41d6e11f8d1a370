package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlanFileTest {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  static Stream<Path> samples() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../samples"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  private static void refuses(String text, String message) {
    assertThatThrownBy(() -> PlanFile.parse("plan.yaml", text))
        .isInstanceOf(UnreadableDefinition.class)
        .hasMessage("plan.yaml " + message);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_sample_can_be_submitted(Path sample) throws IOException {
    assertThat(PlanFile.read(sample.toString()).plan().path("steps").size()).isPositive();
  }

  @Test
  void a_file_is_split_into_what_the_api_takes() {
    PlanFile file =
        PlanFile.parse(
            "plan.yaml",
            """
            name: n
            intent: i
            labels: {team: a}
            budget: {tokens: 5, microDollars: 6}
            autonomy: approve_all
            steps:
              - id: a
                input: {x: 1}
            """);
    assertThat(file.workflow().toString())
        .isEqualTo("{\"name\":\"n\",\"intent\":\"i\",\"labels\":{\"team\":\"a\"}}");
    assertThat(file.budget())
        .isEqualTo(
            JSON.objectNode().put("name", "n").put("limitTokens", 5).put("limitMicroDollars", 6));
    assertThat(file.plan().toString())
        .isEqualTo("{\"autonomy\":\"approve_all\",\"steps\":[{\"id\":\"a\",\"input\":{\"x\":1}}]}");
  }

  @Test
  void json_is_read_as_json() {
    String json = "{\n\t\"name\": \"n\", \"intent\": \"i\", \"budgetId\": \"b\",\n\t\"steps\": []}";
    for (String name : new String[] {"plan.json", "standard input"}) {
      PlanFile file = PlanFile.parse(name, json);
      assertThat(file.workflow().path("budgetId").asText()).isEqualTo("b");
      assertThat(file.budget()).isNull();
    }
  }

  @Test
  void what_is_not_well_formed_is_told_with_line_and_column() {
    refuses(
        "name: n\nsteps:\n  - id: a\n bad: x\n",
        "is not YAML: while parsing a block mapping: expected <block end>, but found '<block mapping start>' (line 4, column 2)");
    assertThatThrownBy(() -> PlanFile.parse("plan.json", "{\"name\": \"n\",\n \"steps\": [}"))
        .isInstanceOf(UnreadableDefinition.class)
        .hasMessageStartingWith("plan.json is not JSON: ")
        .hasMessageContaining("(line 2, column ");
  }

  @Test
  void what_yaml_and_json_would_pass_over_in_silence_is_refused() {
    assertThatThrownBy(() -> PlanFile.parse("plan.yaml", "name: a\nname: b\n"))
        .isInstanceOf(UnreadableDefinition.class)
        .hasMessageContaining("Duplicate field 'name'");
    assertThatThrownBy(() -> PlanFile.parse("plan.yaml", "name: a\n---\nname: b\n"))
        .isInstanceOf(UnreadableDefinition.class);
    assertThatThrownBy(() -> PlanFile.parse("plan.json", "{} {}"))
        .isInstanceOf(UnreadableDefinition.class);
    refuses(
        "name: &n x\nintent: *n\n",
        "has an alias, which is not read here: write it out (line 2, column 9)");
  }

  @Test
  void a_file_says_at_least_what_is_to_be_done() {
    refuses("", "is no plan: it has to be an object with name and steps");
    refuses("- a\n", "is no plan: it has to be an object with name and steps");
    refuses("name: n\nsteps: []\n", "has to have a text \"intent\"");
    refuses("name: 5\nintent: i\nsteps: []\n", "has to have a text \"name\"");
    refuses("name: n\nintent: i\nstep: []\n", "has a field that plans do not have: step");
    refuses(
        "name: n\nintent: i\nbudget: {tokens: 5, microDollars: 6}\nbudgetId: b\n",
        "has both a budget and a budgetId; leave one out");
    for (String budget :
        new String[] {
          "5", "{tokens: 5}", "{tokens: 5, dollars: 1}", "{tokens: 5, microDollars: 1.5}"
        }) {
      refuses(
          "name: n\nintent: i\nbudget: %s\n".formatted(budget),
          "has a budget that is none: it is an object of whole tokens and microDollars");
    }
  }

  @Test
  void a_file_that_cannot_be_read_is_named(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> PlanFile.read(folder.resolve("none.yaml").toString()))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none.yaml");
    Path latin = folder.resolve("latin.yaml");
    Files.write(latin, "name: ü".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> PlanFile.read(latin.toString()))
        .isInstanceOf(UnreadableDefinition.class)
        .hasMessageEndingWith("is not UTF-8");
  }
}

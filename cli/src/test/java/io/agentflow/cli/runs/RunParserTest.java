package io.agentflow.cli.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentflow.cli.runs.RecordedRun.Step;
import io.agentflow.cli.runs.TokenPrices.Cost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunParserTest {

  private static final Path RECORDED = Path.of("../../shared/data/agent-runs/airline-gpt-4o.jsonl");

  private static String run(String trajectory) {
    return "{\"task_id\":7,\"trial\":0,\"reward\":1.0,\"info\":{\"user_cost\":0.0035},\"traj\":"
        + trajectory
        + "}";
  }

  private static String call(String id) {
    return "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"%s\",".formatted(id)
        + "\"type\":\"function\",\"function\":{\"name\":\"find\",\"arguments\":\"{}\"}}]}";
  }

  private static String result(String id) {
    return "{\"role\":\"tool\",\"tool_call_id\":\"%s\",\"content\":\"found\"}".formatted(id);
  }

  @Test
  void a_conversation_becomes_steps_in_order() throws InvalidRun {
    RecordedRun run =
        RunParser.parse(
            run(
                "[{\"role\":\"user\",\"content\":\"Find it.\"},"
                    + "{\"role\":\"assistant\",\"content\":\"Let me look.\",\"tool_calls\":"
                    + "[{\"id\":\"c1\",\"function\":{\"name\":\"find\",\"arguments\":\"{}\"}}]},"
                    + result("c1")
                    + "]"));

    assertThat(run.steps())
        .containsExactly(
            new Step.Message("user", "Find it."),
            new Step.Message("assistant", "Let me look."),
            new Step.ToolCall("c1", "find", "{}"),
            new Step.ToolResult("c1", "found"));
    assertThat(run.intent()).isEqualTo("Find it.");
    assertThat(run.userCostMicroDollars()).isEqualTo(3_500);
    assertThat(run.isSuccessful()).isTrue();
  }

  /** Recordings use one id for several calls; each of our calls has an id of its own. */
  @Test
  void an_id_that_is_used_again_after_its_result_names_another_call() throws InvalidRun {
    RecordedRun run =
        RunParser.parse(
            run("[" + String.join(",", call("c"), result("c"), call("c"), result("c")) + "]"));

    assertThat(run.steps())
        .extracting(step -> step instanceof Step.ToolResult found ? found.callId() : "")
        .containsExactly("", "c", "", "c:2");
  }

  @Test
  void the_same_run_spelled_otherwise_is_the_same_run() throws InvalidRun {
    String message = "[{\"role\":\"user\",\"content\":\"hi\"}]";
    String spelled =
        " {\"traj\":[{\"content\":\"\\u0068i\",\"role\":\"user\"}],\"reward\":1.00,"
            + "\"trial\":0,\"info\":{\"user_cost\":3.5e-3},\"task_id\":7}";

    assertThat(RunParser.parse(spelled).digest()).isEqualTo(RunParser.parse(run(message)).digest());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "not json | not well-formed JSON",
        "[] | not a JSON object",
        "{\"task_id\":1,\"trial\":0,\"reward\":1} | traj must be",
        "{\"task_id\":1,\"trial\":0,\"reward\":\"good\",\"traj\":[{\"role\":\"user\",\"content\":\"x\"}]} | reward must be a number",
        "{\"trial\":0,\"reward\":1,\"traj\":[{\"role\":\"user\",\"content\":\"x\"}]} | task_id must be",
        "{\"task_id\":1,\"trial\":0,\"reward\":1,\"traj\":[{\"role\":\"robot\",\"content\":\"x\"}]} | traj[0].role must be",
        "{\"task_id\":1,\"trial\":0,\"reward\":1,\"traj\":[{\"role\":\"assistant\",\"content\":null}]} | neither content nor tool calls",
        "{\"task_id\":1,\"trial\":0,\"reward\":1,\"traj\":[{\"role\":\"user\",\"content\":7}]} | content must be text",
        "{\"task_id\":1,\"trial\":0,\"reward\":1,\"traj\":[{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"x\"}]} | answers no open call",
        "{\"task_id\":1,\"task_id\":2,\"trial\":0,\"reward\":1,\"traj\":[]} | Duplicate"
      })
  void a_line_that_is_no_run_is_refused_with_what_is_wrong(String line, String problem) {
    assertThatThrownBy(() -> RunParser.parse(line))
        .isInstanceOf(InvalidRun.class)
        .hasMessageContaining(problem);
  }

  @Test
  void a_call_without_a_result_is_refused() {
    assertThatThrownBy(() -> RunParser.parse(run("[" + call("c1") + "]")))
        .hasMessageContaining("without a result: [c1]");
    assertThatThrownBy(() -> RunParser.parse(run("[" + call("c1") + "," + call("c1") + "]")))
        .hasMessageContaining("no result yet");
  }

  @Test
  void tokens_are_a_quarter_of_the_characters_rounded_up_and_priced_by_direction() {
    TokenPrices prices = new TokenPrices(2.5, 10);

    assertThat(prices.of(new Step.Message("user", "12345"))).isEqualTo(new Cost(2, 5));
    assertThat(prices.of(new Step.Message("assistant", "12345"))).isEqualTo(new Cost(2, 20));
    assertThat(prices.of(new Step.ToolCall("c", "find", "{}"))).isEqualTo(new Cost(2, 20));
    assertThat(prices.of(new Step.ToolResult("c", ""))).isEqualTo(new Cost(0, 0));
  }

  @Test
  void every_real_run_is_read() throws IOException, InvalidRun {
    assumeTrue(
        Files.exists(RECORDED), "SKIPPED: the recorded runs are not at " + RECORDED.normalize());
    List<String> lines = Files.readAllLines(RECORDED);
    Set<String> digests = new HashSet<>();
    for (String line : lines) {
      digests.add(RunParser.parse(line).digest());
    }
    assertThat(digests).hasSize(100);
  }
}

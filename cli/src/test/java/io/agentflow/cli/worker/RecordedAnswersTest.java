package io.agentflow.cli.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordedAnswersTest {

  @TempDir private Path folder = Path.of("");

  private RecordedAnswers answers(String lines) throws IOException {
    return RecordedAnswers.read(Files.writeString(folder.resolve("answers.jsonl"), lines));
  }

  private static StepContext step(String stepId) {
    return new StepContext(Lease.of(ContractServer.lease(stepId, "agent")));
  }

  @Test
  void a_step_is_answered_by_its_id_and_else_by_its_name_and_says_what_it_used() throws Exception {
    RecordedAnswers answers =
        answers(
            """
            {"step":"a","answer":"by id","tokens":12,"microDollars":34}

            {"step":"a by name","answer":"not this"}
            {"step":"b by name","answer":"by name"}
            """);

    StepContext context = step("a");
    assertThat(answers.run(NullNode.instance, context)).isEqualTo("by id");
    assertThat(context.tokens()).isEqualTo(12);
    assertThat(context.microDollars()).isEqualTo(34);
    assertThat(answers.run(NullNode.instance, step("b"))).isEqualTo("by name");
  }

  @Test
  void a_step_without_an_answer_fails_for_good() {
    assertThatThrownBy(() -> RecordedAnswers.none().run(NullNode.instance, step("a")))
        .isInstanceOfSatisfying(
            StepFailed.class, failed -> assertThat(failed.isRetryable()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no json",
        "{\"step\":\"b\"}",
        "{\"step\":\"b\",\"answer\":\"x\",\"colour\":\"red\"}",
        "{\"step\":\"b\",\"answer\":\"x\",\"tokens\":-1}",
        "{\"step\":\"b\",\"answer\":\"x\"} {}",
        "{\"step\":\"a\",\"answer\":\"again\"}"
      })
  void a_line_that_is_no_answer_is_named(String line) {
    assertThatThrownBy(() -> answers("{\"step\":\"a\",\"answer\":\"x\"}\n" + line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line 2");
  }
}

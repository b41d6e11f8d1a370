package io.agentflow.cli.worker;

import static io.agentflow.cli.worker.ContractServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferencesTest {

  private static final Map<String, String> RESULTS =
      Map.of("fetch", "a \"b\" $1 \\", "v1.2:x", "dotted", "sly", "${steps.fetch.result}");

  @Test
  void results_are_put_into_strings_at_any_depth_and_nothing_else_changes() {
    assertThat(
            References.replaced(
                json(
                    """
                    {"a":"<${steps.fetch.result}|${steps.v1.2:x.result}>","b":[{"c":"${steps.v1.2:x.result}"}],
                     "d":5,"e":null,"${steps.fetch.result}":"${HOME} $ {steps}"}
                    """),
                RESULTS))
        .isEqualTo(
            json(
                """
                {"a":"<a \\"b\\" $1 \\\\|dotted>","b":[{"c":"dotted"}],
                 "d":5,"e":null,"${steps.fetch.result}":"${HOME} $ {steps}"}
                """));
  }

  @Test
  void a_result_that_looks_like_a_reference_is_left_as_it_is() {
    assertThat(References.replaced(json("\"${steps.sly.result}\""), RESULTS).asText())
        .isEqualTo("${steps.fetch.result}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${steps.other.result}", "${steps.fetch.output}", "${steps.fetch.result"})
  void what_refers_to_no_result_fails_the_step_for_good(String text) {
    assertThatThrownBy(() -> References.replaced(json("[\"" + text + "\"]"), RESULTS))
        .isInstanceOfSatisfying(
            StepFailed.class, failed -> assertThat(failed.isRetryable()).isFalse());
  }
}

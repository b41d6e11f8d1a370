package io.agentflow.application.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentflow.domain.InvalidField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplaySpaceTest {

  private static final ReplaySpace ACME = new ReplaySpace("acme");

  @Test
  void a_name_within_the_tenants_space_is_taken() {
    assertThat(ACME.chosen("af.acme.replay.training")).isEqualTo("af.acme.replay.training");
    assertThat(ACME.chosen("af.acme.replay.team-a.Nightly_1")).isNotNull();
    assertThat(ACME.chosen(null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "training",
        "af.acme.workflows.1.out",
        "af.acme.events.task.created",
        "af.globex.replay.training",
        "af.acme.replay",
        "af.acme.replay.",
        "af.acme.replay.a..b",
        "af.acme.replay.a.",
        "af.acme.replay.>",
        "af.acme.replay.*",
        "af.acme.replay.a b",
        "af.acme.replay.a\r\nPUB x",
        "af.acme.replay.../../workflows",
        "af.*.replay.a",
        "$JS.API.STREAM.PURGE.AF_MESSAGES",
        "af.acme.replay.018f4e6a-0000-7000-8000-000000000001",
        "af.acme.replay.018f4e6a-0000-7000-8000-000000000001.workflows.x.out"
      })
  void what_is_not_the_callers_is_refused(String subject) {
    assertThatExceptionOfType(InvalidField.class)
        .isThrownBy(() -> ACME.chosen(subject))
        .withMessageContaining("af.acme.replay.");
  }

  @Test
  void a_subject_has_an_end() {
    assertThatExceptionOfType(InvalidField.class)
        .isThrownBy(() -> ACME.chosen("af.acme.replay." + "x".repeat(255)));
  }
}

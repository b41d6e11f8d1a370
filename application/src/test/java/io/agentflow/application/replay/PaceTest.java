package io.agentflow.application.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentflow.domain.InvalidField;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {

  private static final Instant EARLIER = Instant.parse("2026-01-02T03:04:05Z");

  @Test
  void what_lay_between_two_events_lies_between_them_again() {
    Instant later = EARLIER.plusSeconds(30);
    assertThat(Pace.of("original").between(EARLIER, later)).isEqualTo(Duration.ofSeconds(30));
    assertThat(Pace.of("10x").between(EARLIER, later)).isEqualTo(Duration.ofSeconds(3));
    assertThat(Pace.of("0.5x").between(EARLIER, later)).isEqualTo(Duration.ofMinutes(1));
    assertThat(Pace.of("max").between(EARLIER, later)).isZero();
    assertThat(Pace.of(null).between(EARLIER, later)).isZero();
  }

  /** By the clocks of two nodes. */
  @Test
  void nobody_waits_where_time_went_back() {
    assertThat(Pace.of("original").between(EARLIER, EARLIER.minusSeconds(1))).isZero();
  }

  @Test
  void a_wait_of_ages_is_no_overflow() {
    assertThat(Pace.of("0.001x").between(Instant.EPOCH, EARLIER)).isGreaterThan(Duration.ofDays(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "x", "0x", "-1x", "0.0x", "1e3x", "fast", "10X", "1234567x"})
  void what_is_no_pace_is_refused(String word) {
    assertThatExceptionOfType(InvalidField.class)
        .isThrownBy(() -> Pace.of(word))
        .withMessageContaining("speed");
  }
}

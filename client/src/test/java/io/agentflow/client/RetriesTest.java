package io.agentflow.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetriesTest {

  private static final Retries RETRIES =
      new Retries(9, Duration.ofMinutes(1), Duration.ofMillis(100), Duration.ofMillis(900), false);

  @Test
  void pauses_grow_twofold_up_to_the_longest_give_or_take_a_quarter() {
    assertThat(RETRIES.pause(1, 0, 0.5)).isEqualTo(Duration.ofMillis(100));
    assertThat(RETRIES.pause(2, 0, 0.5)).isEqualTo(Duration.ofMillis(200));
    assertThat(RETRIES.pause(4, 0, 0.5)).isEqualTo(Duration.ofMillis(800));
    assertThat(RETRIES.pause(5, 0, 0.5)).isEqualTo(Duration.ofMillis(900));
    assertThat(RETRIES.pause(Integer.MAX_VALUE, 0, 0.5)).isEqualTo(Duration.ofMillis(900));
    assertThat(RETRIES.pause(1, 0, 0)).isEqualTo(Duration.ofMillis(75));
    assertThat(RETRIES.pause(1, 0, 1)).isEqualTo(Duration.ofMillis(125));
  }

  @Test
  void nobody_comes_back_before_the_server_wants_it_and_not_all_at_once() {
    assertThat(RETRIES.pause(1, 2, 0)).isEqualTo(Duration.ofSeconds(2));
    assertThat(RETRIES.pause(1, 2, 1)).isEqualTo(Duration.ofMillis(2_200));
  }

  @Test
  void there_is_an_attempt_and_time_for_it() {
    assertThatThrownBy(() -> RETRIES.attempts(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RETRIES.within(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

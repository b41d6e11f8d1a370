package io.agentflow.eventstore.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PositionsTest {

  private static final long SEED = 42;

  private static boolean isGapless(long... seen) {
    Positions positions = new Positions(SEED);
    Arrays.stream(seen).forEach(positions::add);
    return positions.isGapless();
  }

  @Test
  void each_of_one_to_the_count_is_gapless_in_any_order() {
    assertThat(isGapless()).isTrue();
    assertThat(isGapless(1)).isTrue();
    assertThat(isGapless(3, 1, 2)).isTrue();
  }

  @Test
  void a_gap_or_a_repetition_is_not() {
    assertThat(isGapless(2)).isFalse();
    assertThat(isGapless(1, 3)).isFalse();
    assertThat(isGapless(1, 2, 2)).isFalse();
    assertThat(isGapless(1, 1, 4, 4)).isFalse();
    assertThat(isGapless(0, 1)).isFalse();
    assertThat(isGapless(2, 2, 2)).isFalse();
  }

  @Test
  void parts_add_up() {
    Positions part = new Positions(SEED);
    part.add(2);
    part.add(4);
    Positions all = new Positions(SEED);
    all.add(1);
    all.add(3);
    all.addAll(part);
    assertThat(all.count()).isEqualTo(4);
    assertThat(all.isGapless()).isTrue();
  }
}

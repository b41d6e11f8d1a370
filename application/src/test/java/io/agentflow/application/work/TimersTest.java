package io.agentflow.application.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.work.Timers.Timer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimersTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final Timers timers = new Timers();

  private static Timer timer(String name, long afterSeconds) {
    return new Timer(name, "acme", "owner", NOW.plusSeconds(afterSeconds), null, at -> name);
  }

  private List<String> due(long afterSeconds) {
    return timers.takeDue(NOW.plusSeconds(afterSeconds)).stream().map(Timer::name).toList();
  }

  @Test
  void what_is_due_comes_in_order_and_once() {
    timers.set(timer("late", 3));
    timers.set(timer("soon", 1));
    timers.set(timer("later", 9));

    assertThat(due(0)).isEmpty();
    assertThat(due(3)).containsExactly("soon", "late");
    assertThat(due(3)).isEmpty();
    assertThat(timers.size()).isOne();
  }

  @Test
  void setting_a_timer_again_replaces_it_and_cancelling_ends_it() {
    timers.set(timer("lease", 1));
    timers.set(timer("lease", 5));
    timers.set(timer("wait", 1));
    timers.set(timer("other", 5));
    timers.cancel("wait");

    assertThat(timers.size()).isEqualTo(2);
    assertThat(due(4)).isEmpty();
    assertThat(due(5)).containsExactly("lease", "other");
  }

  @Test
  void a_lease_is_put_off_but_never_brought_forward() {
    timers.set(timer("lease", 5));
    timers.putOff("lease", NOW.plusSeconds(2));
    timers.putOff("lease", NOW.plusSeconds(9));
    timers.putOff("unknown", NOW.plusSeconds(1));

    assertThat(due(8)).isEmpty();
    assertThat(due(9)).containsExactly("lease");
  }
}

package io.agentflow.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.SnapshotTrigger;
import org.axonframework.eventsourcing.Snapshotter;
import org.junit.jupiter.api.Test;

class SnapshotCadenceTest {

  private final List<Long> keptAt = new ArrayList<>();
  private long happened;
  private final Snapshotter snapshotter = (type, aggregateId) -> keptAt.add(happened);
  private final SnapshotCadence cadence = new SnapshotCadence(snapshotter, 100);

  private void happen(SnapshotTrigger trigger, long from, long to) {
    for (long number = from; number < to; number++) {
      happened = number;
      trigger.eventHandled(new GenericDomainEventMessage<>("workflow", "w", number, "happened"));
    }
  }

  @Test
  void a_short_history_is_kept_every_so_many_events() {
    happen(cadence.prepareTrigger(String.class), 0, 500);
    assertThat(keptAt).containsExactly(99L, 199L, 299L, 399L, 499L);
  }

  @Test
  void a_long_history_is_kept_each_time_that_it_has_grown_by_a_tenth() {
    happen(cadence.prepareTrigger(String.class), 10_000, 20_000);
    assertThat(keptAt).hasSize(6);
    assertThat(keptAt.getFirst()).isBetween(11_000L, 11_200L);
  }

  @Test
  void who_comes_from_the_cache_goes_on_counting() {
    SnapshotTrigger before = cadence.prepareTrigger(String.class);
    happen(before, 0, 60);
    happen(cadence.reconfigure(String.class, before), 60, 100);
    assertThat(keptAt).containsExactly(99L);
  }
}

package io.agentflow.application.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HandsTest {

  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Duration PATIENT = Duration.ofSeconds(30);

  private final Hands hands = new Hands();
  private final AtomicInteger serial = new AtomicInteger();

  private List<String> reserve(int concurrency, int max, Duration patience)
      throws InterruptedException {
    return hands.reserve("a1", concurrency, max, patience, () -> "t" + serial.incrementAndGet());
  }

  @Test
  void an_agent_is_given_as_many_leases_as_it_has_hands_free() throws InterruptedException {
    hands.hold("a1", "elsewhere");
    hands.hold("another", "not-its-own");

    assertThat(reserve(3, 10, AT_ONCE)).containsExactly("t1", "t2");
    assertThat(reserve(3, 10, AT_ONCE)).isEmpty();
  }

  @Test
  void a_lease_counts_once_however_often_it_is_seen_or_freed() throws InterruptedException {
    List<String> reserved = reserve(2, 1, AT_ONCE);
    hands.hold("a1", reserved.getFirst());

    assertThat(reserve(2, 2, AT_ONCE)).hasSize(1);
    hands.free("a1", reserved);
    hands.free("a1", reserved);
    hands.free("a1", List.of("unknown"));
    assertThat(reserve(2, 2, AT_ONCE)).hasSize(1);
  }

  @Test
  void fewer_hands_than_leases_give_none() throws InterruptedException {
    reserve(5, 5, AT_ONCE);

    assertThat(reserve(2, 1, AT_ONCE)).isEmpty();
  }

  @Test
  void whoever_waits_for_a_hand_gets_the_one_that_is_freed() throws Exception {
    List<String> reserved = reserve(1, 1, AT_ONCE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<String>> waiting = threads.submit(() -> reserve(1, 1, PATIENT));
      hands.free("a1", reserved);

      assertThat(waiting.get()).hasSize(1);
    }
  }

  @Test
  void who_does_not_want_to_wait_any_more_gets_no_hand() throws Exception {
    List<String> reserved = reserve(1, 1, AT_ONCE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<String>> waiting = threads.submit(() -> reserve(1, 1, PATIENT));
      while (!waiting.isDone()) {
        hands.endWaits("a1");
        Thread.onSpinWait();
      }
      hands.free("a1", reserved);

      assertThat(waiting.exceptionNow()).isInstanceOf(WaitEnded.class);
      assertThat(reserve(1, 1, AT_ONCE)).as("who comes later").hasSize(1);
    }
  }

  @Test
  void many_who_ask_at_once_are_never_given_more_than_there_are_hands() throws Exception {
    List<Future<List<String>>> asked = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        asked.add(threads.submit(() -> reserve(10, 3, AT_ONCE)));
      }
    }
    int given = 0;
    for (Future<List<String>> future : asked) {
      given += future.get().size();
    }
    assertThat(given).isEqualTo(10);
  }
}

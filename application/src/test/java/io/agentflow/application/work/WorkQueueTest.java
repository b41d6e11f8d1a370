package io.agentflow.application.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkQueueTest {

  private static final Duration AT_ONCE = Duration.ofMillis(1);
  private static final Duration PATIENT = Duration.ofSeconds(30);

  private final WorkQueue queue = new WorkQueue();

  private static WorkItem step(String stepId, long since, String tool, @Nullable String agentId) {
    return new WorkItem(
        "acme",
        new StepReady(
            "018f4e6a-0000-7000-8000-000000000001",
            stepId,
            1,
            false,
            StepKind.TOOL,
            null,
            tool,
            agentId,
            0,
            null,
            0,
            0),
        since);
  }

  private static Worker worker(String tenantId, String agentId, String... tools) {
    return new Worker(
        tenantId, agentId, new Abilities(List.of(), List.of(tools), 10, AutonomyMode.FULL_AUTO));
  }

  private static List<String> ids(List<WorkItem> items) {
    return items.stream().map(item -> item.step().stepId()).toList();
  }

  @Test
  void the_oldest_steps_go_first_as_many_as_are_wanted() throws InterruptedException {
    queue.offer(step("b", 2, "dig", null));
    queue.offer(step("c", 3, "saw", null));
    queue.offer(step("a", 1, "saw", null));
    queue.offer(step("d", 4, "paint", null));

    Worker both = worker("acme", "a1", "dig", "saw");
    assertThat(ids(queue.take(both, 2, AT_ONCE))).containsExactly("b", "c");
    assertThat(ids(queue.take(both, 2, AT_ONCE))).containsExactly("a");
    assertThat(queue.size()).isOne();
  }

  @Test
  void nobody_gets_what_is_not_for_them() throws InterruptedException {
    queue.offer(step("a", 1, "dig", "a1"));

    assertThat(queue.take(worker("acme", "a2", "dig"), 1, AT_ONCE)).isEmpty();
    assertThat(queue.take(worker("globex", "a1", "dig"), 1, AT_ONCE)).isEmpty();
    assertThat(queue.take(worker("acme", "a1", "saw"), 1, AT_ONCE)).isEmpty();
    assertThat(ids(queue.take(worker("acme", "a1", "dig"), 1, AT_ONCE))).containsExactly("a");
  }

  @Test
  void an_agent_that_may_only_plan_is_offered_nothing_and_keeps_nothing_from_others()
      throws InterruptedException {
    Worker planner =
        new Worker(
            "acme", "a1", new Abilities(List.of(), List.of("dig"), 10, AutonomyMode.PLAN_ONLY));
    queue.offer(step("a", 1, "dig", null));

    assertThat(queue.take(planner, 1, AT_ONCE)).isEmpty();
    assertThat(ids(queue.take(worker("acme", "a2", "dig"), 1, AT_ONCE))).containsExactly("a");
  }

  @Test
  void a_step_that_comes_again_stands_in_line_once_and_one_that_is_taken_out_not_at_all()
      throws InterruptedException {
    WorkItem item = step("a", 1, "dig", null);
    queue.offer(item);
    queue.offer(item);
    assertThat(queue.size()).isOne();

    queue.remove(item.key());

    assertThat(queue.take(worker("acme", "a1", "dig"), 1, AT_ONCE)).isEmpty();
  }

  @Test
  void a_step_goes_to_who_waits_for_it_and_who_has_left_takes_nothing_along() throws Exception {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<WorkItem>> saws =
          workers.submit(() -> queue.take(worker("acme", "a1", "saw"), 1, PATIENT));
      assertThat(queue.take(worker("acme", "a2", "dig"), 1, AT_ONCE)).isEmpty();

      queue.offer(step("a", 1, "dig", null));
      queue.offer(step("b", 2, "saw", null));

      assertThat(ids(saws.get())).containsExactly("b");
      assertThat(ids(queue.take(worker("acme", "a2", "dig"), 1, AT_ONCE))).containsExactly("a");
    }
  }

  @Test
  void who_does_not_want_to_wait_any_more_takes_nothing_and_the_others_wait_on() throws Exception {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<WorkItem>> gone =
          workers.submit(() -> queue.take(worker("acme", "a1", "dig"), 1, PATIENT));
      Future<List<WorkItem>> patient =
          workers.submit(() -> queue.take(worker("acme", "a2", "dig"), 1, PATIENT));
      while (!gone.isDone()) {
        queue.endWaits("a1");
        Thread.onSpinWait();
      }

      queue.offer(step("a", 1, "dig", null));

      assertThat(ids(patient.get())).containsExactly("a");
      assertThat(gone.exceptionNow()).isInstanceOf(WaitEnded.class);
    }
  }

  @Test
  void nobody_waits_at_a_queue_that_is_closed() throws Exception {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<WorkItem>> before =
          workers.submit(() -> queue.take(worker("acme", "a1", "dig"), 1, PATIENT));
      queue.endAllWaits();
      Future<List<WorkItem>> after =
          workers.submit(() -> queue.take(worker("acme", "a1", "dig"), 1, PATIENT));

      assertThatThrownBy(before::get).hasCauseInstanceOf(WaitEnded.class);
      assertThatThrownBy(after::get).hasCauseInstanceOf(WaitEnded.class);
    }
  }

  @Test
  void with_many_who_take_each_step_is_taken_once() throws Exception {
    int steps = 2_000;
    List<String> taken = new ArrayList<>();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<String>>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String agentId = "a" + i;
        all.add(workers.submit(() -> takeUntilNoneComes(agentId)));
      }
      IntStream.range(0, steps).forEach(i -> queue.offer(step("s" + i, i, "dig", null)));
      for (Future<List<String>> one : all) {
        taken.addAll(one.get());
      }
    }
    assertThat(taken).hasSize(steps).doesNotHaveDuplicates();
  }

  private List<String> takeUntilNoneComes(String agentId) throws InterruptedException {
    List<String> taken = new ArrayList<>();
    while (true) {
      List<WorkItem> items = queue.take(worker("acme", agentId, "dig"), 3, Duration.ofSeconds(1));
      if (items.isEmpty()) {
        return taken;
      }
      taken.addAll(ids(items));
    }
  }
}

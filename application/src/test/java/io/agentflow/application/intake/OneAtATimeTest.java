package io.agentflow.application.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class OneAtATimeTest {

  @Test
  void who_comes_while_another_works_waits_and_is_then_told_to_come_again() throws Exception {
    OneAtATime verifications = new OneAtATime("a verification", Duration.ofMillis(50));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    CompletableFuture<String> first =
        CompletableFuture.supplyAsync(
            () ->
                verifications.get(
                    () -> {
                      begun.countDown();
                      await(end);
                      return "first";
                    }));
    await(begun);
    assertThatThrownBy(() -> verifications.get(() -> "second"))
        .isInstanceOf(Busy.class)
        .hasMessageContaining("a verification is under way");
    end.countDown();
    assertThat(first.get()).isEqualTo("first");
    assertThat(verifications.get(() -> "third")).isEqualTo("third");
  }

  @Test
  void work_that_fails_makes_room_too() {
    OneAtATime exports = new OneAtATime("an export", Duration.ZERO);
    assertThatThrownBy(
            () ->
                exports.run(
                    () -> {
                      throw new IllegalStateException("failed");
                    }))
        .hasMessage("failed");
    assertThat(exports.get(() -> "next")).isEqualTo("next");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

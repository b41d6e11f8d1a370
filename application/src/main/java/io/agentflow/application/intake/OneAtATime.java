package io.agentflow.application.intake;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Work so heavy that a node does one of its kind; who comes meanwhile waits a little. */
public final class OneAtATime {

  private final Semaphore turn = new Semaphore(1, true);
  private final String what;
  private final Duration patience;

  /**
   * One kind of work.
   *
   * @param what as it is told to who waited in vain
   */
  public OneAtATime(String what, Duration patience) {
    this.what = what;
    this.patience = patience;
  }

  /**
   * Waits for its turn and works.
   *
   * @throws Busy when the turn did not come in time
   */
  public <T> T get(Supplier<T> work) {
    if (!isTaken()) {
      throw new Busy(what);
    }
    try {
      return work.get();
    } finally {
      turn.release();
    }
  }

  private boolean isTaken() {
    try {
      return turn.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits for its turn and works. */
  public void run(Runnable work) {
    get(
        () -> {
          work.run();
          return true;
        });
  }
}

package io.agentflow.cli.worker;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One step under way. A thread of its own runs the tool; the one that calls {@link #run} keeps the
 * lease meanwhile, watches the time, and answers.
 */
final class StepRun {

  private static final Duration TOOL_STOPS_WITHIN = Duration.ofSeconds(5);

  private final Lease lease;
  private final Leases leases;
  private final WorkerSettings settings;
  private final WorkerLog log;
  private final StepContext context;
  private final FutureTask<String> work;

  StepRun(Lease lease, Leases leases, Toolbox toolbox, WorkerSettings settings, WorkerLog log) {
    this.lease = lease;
    this.leases = leases;
    this.settings = settings;
    this.log = log;
    this.context = new StepContext(lease);
    this.work =
        new FutureTask<>(
            () ->
                toolbox
                    .toolFor(lease)
                    .run(References.replaced(lease.input(), lease.results()), context));
  }

  /**
   * Does the step and answers for it.
   *
   * @throws InterruptedException when there is no more time even to answer; the lease will run out
   */
  void run() throws InterruptedException {
    long startNanos = System.nanoTime();
    Thread tool = Thread.startVirtualThread(work);
    Outcome outcome;
    try {
      outcome = await(startNanos + settings.limitOf(lease).toNanos());
    } finally {
      work.cancel(true);
      tool.join(TOOL_STOPS_WITHIN);
    }
    log.finished(
        lease,
        leases.report(lease, context, outcome),
        Duration.ofNanos(System.nanoTime() - startNanos));
  }

  /** Ends the step without a result, so that somebody else may do it. */
  void giveBack() {
    work.cancel(true);
  }

  private Outcome await(long deadlineNanos) throws InterruptedException {
    Duration heartbeatAfter = settings.firstHeartbeatAfter();
    while (true) {
      long leftNanos = deadlineNanos - System.nanoTime();
      try {
        return new Outcome.Completed(
            work.get(Math.min(leftNanos, heartbeatAfter.toNanos()), TimeUnit.NANOSECONDS));
      } catch (TimeoutException e) {
        if (deadlineNanos - System.nanoTime() <= 0) {
          return new Outcome.Failed(
              "it took longer than its %d ms".formatted(settings.limitOf(lease).toMillis()), true);
        }
        switch (leases.extend(lease)) {
          case KEPT -> heartbeatAfter = settings.heartbeatEvery();
          case UNHEARD -> heartbeatAfter = settings.firstHeartbeatAfter();
          case LOST -> {
            return new Outcome.Lost("the lease was lost while the step ran");
          }
        }
      } catch (CancellationException e) {
        return new Outcome.GivenBack();
      } catch (ExecutionException e) {
        return failed(e.getCause());
      }
    }
  }

  private static Outcome failed(@Nullable Throwable cause) {
    return cause instanceof StepFailed failed
        ? new Outcome.Failed(String.valueOf(failed.getMessage()), failed.isRetryable())
        : new Outcome.Failed("the tool failed unexpectedly: " + cause, true);
  }
}

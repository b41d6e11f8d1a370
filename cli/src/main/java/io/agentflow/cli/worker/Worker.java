package io.agentflow.cli.worker;

import io.agentflow.cli.ApiClient;
import io.agentflow.client.Refusal;
import io.agentflow.client.ServerUnreachable;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Takes steps for one agent and does them, several at once, until it is told to stop. */
public final class Worker {

  private static final int CONFLICT = 409;
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
  private static final Duration END_WAITS_WITHIN = Duration.ofSeconds(3);
  private static final Duration BETWEEN_ENDINGS = Duration.ofMillis(200);

  private final Leases leases;
  private final Toolbox toolbox;
  private final WorkerSettings settings;
  private final WorkerLog log;
  private final Semaphore slots;
  private final Set<StepRun> underWay = ConcurrentHashMap.newKeySet();
  private final ExecutorService steps = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch takesNoMore = new CountDownLatch(1);
  private volatile boolean stopping;

  /** From a request for steps until what it gave is begun, or given back. */
  private volatile boolean asking;

  private @Nullable Thread taker;

  public Worker(
      ApiClient api, String agentId, Toolbox toolbox, WorkerSettings settings, WorkerLog log) {
    this.leases = new Leases(api, agentId, settings, log);
    this.toolbox = toolbox;
    this.settings = settings;
    this.log = log;
    this.slots = new Semaphore(settings.concurrency());
  }

  /**
   * Works until {@link #stop} is called.
   *
   * @throws Refusal when the server gives this agent no steps and waiting will not help; what is
   *     under way is done first
   */
  public void run() throws InterruptedException {
    try {
      beginTaking();
      leases.endWaits();
      while (!stopping) {
        takeSome();
      }
    } catch (InterruptedException | ServerUnreachable e) {
      if (!stopping) {
        throw e;
      }
    } finally {
      endTaking();
      steps.close();
    }
  }

  private synchronized void beginTaking() {
    taker = Thread.currentThread();
  }

  /** From here on no interrupt of {@link #stop} arrives: the steps under way are waited for. */
  @SuppressWarnings("ResultOfMethodCallIgnored") // the interrupt has done what it was for
  private synchronized void endTaking() {
    taker = null;
    if (stopping) {
      Thread.interrupted();
    }
    takesNoMore.countDown();
  }

  private synchronized boolean interruptTaking() {
    stopping = true;
    if (taker != null) {
      taker.interrupt();
      return true;
    }
    return false;
  }

  private void takeSome() throws InterruptedException {
    slots.acquire();
    int free = 1 + slots.drainPermits();
    int begun = 0;
    try {
      asking = true;
      List<Lease> taken = leases.take(free);
      for (Lease lease : taken.subList(0, Math.min(free, taken.size()))) {
        if (stopping) {
          leases.report(lease, new StepContext(lease), new Outcome.GivenBack());
        } else {
          begin(lease);
          begun++;
        }
      }
    } catch (Refusal e) {
      asking = false;
      if (e.status() != CONFLICT || !leases.isAgentSuspended()) {
        throw e;
      }
      log.note("the agent is suspended; asking again in " + settings.pollWait().toSeconds() + " s");
      TimeUnit.MILLISECONDS.sleep(settings.pollWait().toMillis());
    } finally {
      asking = false;
      slots.release(free - begun);
    }
  }

  private void begin(Lease lease) {
    StepRun run = new StepRun(lease, leases, toolbox, settings, log);
    underWay.add(run);
    steps.execute(
        () -> {
          try {
            run.run();
          } catch (InterruptedException | ServerUnreachable e) {
            log.note(
                "%s of workflow %s is left without an answer; its lease will run out"
                    .formatted(lease.stepId(), lease.workflowId()));
          } finally {
            underWay.remove(run);
            slots.release();
          }
        });
  }

  /** Rather than break the request off: what the server gives at that moment would be lost. */
  private void endAsking() throws InterruptedException {
    long deadlineNanos = System.nanoTime() + END_WAITS_WITHIN.toNanos();
    while (asking
        && System.nanoTime() < deadlineNanos
        && leases.endWaits()
        && !takesNoMore.await(BETWEEN_ENDINGS.toMillis(), TimeUnit.MILLISECONDS)) {
      // A request that was just being answered may have come back and ask once more.
    }
  }

  /**
   * Takes no more steps, waits for those under way, and gives back those that are not done in time.
   *
   * @param grace how long they may go on
   */
  public void stop(Duration grace) throws InterruptedException {
    stopping = true;
    endAsking();
    if (interruptTaking()) {
      takesNoMore.await();
    }
    steps.shutdown();
    if (!steps.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      underWay.forEach(StepRun::giveBack);
      if (!steps.awaitTermination(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        steps.shutdownNow();
        steps.awaitTermination(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }
}

package io.agentflow.server;

import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.server.ServerProcess.Begun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * A server, its bus and its workers, one of which is killed every few seconds, as {@code kill -9}
 * does it, and started again. Which, and after which pause, is drawn. While the server starts,
 * workers die too.
 */
final class KilledProcesses implements AutoCloseable {

  private static final double SERVERS_SHARE = 1 / 5.0;
  private static final double BUS_SHARE = 1 / 5.0;

  /** Longer than it knows messages again. */
  private static final Duration BUS_AWAY = Duration.ofMillis(2_500);

  private static final double PAUSE_SECONDS_MEAN = 2;
  private static final double PAUSE_SECONDS_MIN = 1;
  private static final double PAUSE_SECONDS_MAX = 5;

  /** More would only take the processor from the server that starts. */
  private static final int WORKERS_WHILE_STARTING_MAX = 2;

  /** On a slow machine nothing would ever be done if all were dead most of the time. */
  private static final long STEPS_BETWEEN_KILLS = 5;

  private final ServerProcess server;
  private final NatsServerProcess bus;
  private final List<String[]> commands;
  private final List<Begun> workers = new ArrayList<>();
  private final RandomGenerator random;
  private final LongSupplier completedSteps;
  private final AtomicInteger serverKills = new AtomicInteger();
  private final AtomicInteger busKills = new AtomicInteger();
  private final AtomicInteger workerKills = new AtomicInteger();
  private final FutureTask<Void> killing = new FutureTask<>(this::killUntilStopped);
  private final Thread killer = Thread.ofPlatform().name("killing").daemon().unstarted(killing);
  private FutureTask<Void> starting = new FutureTask<>(() -> {}, null);
  private volatile boolean stopped;

  /**
   * Starts the workers of a server that runs.
   *
   * @param commands the arguments of each worker
   * @param completedSteps how many there are so far
   */
  KilledProcesses(
      ServerProcess server,
      NatsServerProcess bus,
      List<String[]> commands,
      RandomGenerator random,
      LongSupplier completedSteps) {
    this.server = server;
    this.bus = bus;
    this.commands = commands;
    this.random = random;
    this.completedSteps = completedSteps;
    starting.run();
    for (String[] command : commands) {
      workers.add(server.begin(command));
    }
  }

  void begin() {
    killer.start();
  }

  private Void killUntilStopped() throws Exception {
    long stepsAtLastKill = 0;
    int killedWhileStarting = 0;
    while (!stopped) {
      Thread.sleep(pauseMillis());
      double drawn = random.nextDouble();
      int worker = random.nextInt(workers.size());
      if (!starting.isDone()) {
        if (killedWhileStarting++ < WORKERS_WHILE_STARTING_MAX) {
          killWorker(worker);
        }
      } else if (completedSteps.getAsLong() - stepsAtLastKill >= STEPS_BETWEEN_KILLS) {
        if (drawn < SERVERS_SHARE) {
          killServer();
          killedWhileStarting = 0;
        } else if (drawn < SERVERS_SHARE + BUS_SHARE) {
          killBus();
        } else {
          killWorker(worker);
        }
        stepsAtLastKill = completedSteps.getAsLong();
      }
    }
    starting.get();
    return null;
  }

  private long pauseMillis() {
    double seconds = -PAUSE_SECONDS_MEAN * Math.log(1 - random.nextDouble());
    return Math.round(1_000 * Math.clamp(seconds, PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX));
  }

  private void killServer() throws Exception {
    starting.get();
    server.kill();
    serverKills.incrementAndGet();
    starting =
        new FutureTask<>(
            () -> {
              server.startAgain();
              return null;
            });
    Thread.ofPlatform().name("starting").daemon().start(starting);
  }

  private void killBus() throws InterruptedException {
    bus.kill();
    busKills.incrementAndGet();
    Thread.sleep(BUS_AWAY);
    bus.startAgain();
  }

  private void killWorker(int number) throws InterruptedException {
    Process worker = workers.get(number).process();
    if (!worker.isAlive()) {
      throw new AssertionError("a worker ended by itself; see " + workers.get(number).output());
    }
    worker.destroyForcibly().waitFor();
    workerKills.incrementAndGet();
    workers.set(number, server.begin(commands.get(number)));
  }

  int serverKills() {
    return serverKills.get();
  }

  int busKills() {
    return busKills.get();
  }

  int workerKills() {
    return workerKills.get();
  }

  /** Throws what went wrong with killing and starting, if anything did. */
  void check() throws Exception {
    if (killing.isDone()) {
      killing.get();
    }
  }

  /** Kills nobody any more; all of them run. */
  void stop() throws Exception {
    stopped = true;
    killing.get();
  }

  /** What is starting is waited for, since a process that is not known cannot be ended. */
  @Override
  public void close() {
    stopped = true;
    try {
      killer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    workers.forEach(worker -> worker.process().destroyForcibly());
  }
}

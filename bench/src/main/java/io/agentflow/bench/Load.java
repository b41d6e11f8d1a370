package io.agentflow.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Clients that each do their work again and again, the next as soon as the last is answered.
 * Virtual threads, as the server has them.
 */
final class Load {

  private static final long LATENCY_MAX_MICROS = Duration.ofMinutes(1).toNanos() / 1_000;

  private Load() {}

  /** What one client does, once. */
  @FunctionalInterface
  interface Work {
    void once() throws Exception;
  }

  /**
   * What was measured: latencies are as the client saw them.
   *
   * @param works pieces of work that were done
   * @param cpuMicros processor time that they took, by program, where that was watched
   */
  record Measured(
      long works,
      double perSecond,
      long p50Micros,
      long p95Micros,
      long p99Micros,
      long p999Micros,
      long maxMicros,
      Map<String, Long> cpuMicros) {

    static Measured of(Histogram latencies, long nanos) {
      return new Measured(
          latencies.getTotalCount(),
          latencies.getTotalCount() * 1e9 / nanos,
          latencies.getValueAtPercentile(50),
          latencies.getValueAtPercentile(95),
          latencies.getValueAtPercentile(99),
          latencies.getValueAtPercentile(99.9),
          latencies.getMaxValue(),
          Map.of());
    }

    Measured with(Map<String, Long> watchedCpuMicros) {
      return new Measured(
          works,
          perSecond,
          p50Micros,
          p95Micros,
          p99Micros,
          p999Micros,
          maxMicros,
          watchedCpuMicros);
    }
  }

  /** Runs the clients for a while. */
  static Measured run(int clients, Duration duration, Work work)
      throws InterruptedException, ExecutionException {
    long endNanos = System.nanoTime() + duration.toNanos();
    return repeat(clients, work, () -> System.nanoTime() < endNanos);
  }

  /** Has the work done so many times by the clients together. */
  static Measured runTimes(int clients, long times, Work work)
      throws InterruptedException, ExecutionException {
    AtomicLong left = new AtomicLong(times);
    return repeat(clients, work, () -> left.getAndDecrement() > 0);
  }

  private static Measured repeat(int clients, Work work, BooleanSupplier goesOn)
      throws InterruptedException, ExecutionException {
    Histogram latencies = new ConcurrentHistogram(LATENCY_MAX_MICROS, 3);
    long startNanos = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        running.add(
            threads.submit(
                () -> {
                  while (goesOn.getAsBoolean()) {
                    long beforeNanos = System.nanoTime();
                    work.once();
                    record(latencies, beforeNanos, System.nanoTime());
                  }
                  return null;
                }));
      }
      for (Future<?> client : running) {
        client.get();
      }
    }
    return Measured.of(latencies, System.nanoTime() - startNanos);
  }

  /**
   * Begins so many pieces of work a second, however long each takes. Latencies count from when one
   * was to begin.
   */
  static Measured paced(double perSecond, Duration duration, Work work)
      throws InterruptedException, ExecutionException {
    Histogram latencies = new ConcurrentHistogram(LATENCY_MAX_MICROS, 3);
    long works = Math.max(1, (long) (perSecond * duration.toNanos() / 1e9));
    long startNanos = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < works; i++) {
        long beginNanos = startNanos + (long) (i * 1e9 / perSecond);
        TimeUnit.NANOSECONDS.sleep(beginNanos - System.nanoTime());
        running.add(
            threads.submit(
                () -> {
                  work.once();
                  record(latencies, beginNanos, System.nanoTime());
                  return null;
                }));
      }
      for (Future<?> piece : running) {
        piece.get();
      }
    }
    return Measured.of(latencies, System.nanoTime() - startNanos);
  }

  /** Runs a long piece of work once; it has no latency to speak of but its duration. */
  static Measured once(long units, Work work) throws ExecutionException, InterruptedException {
    long startNanos = System.nanoTime();
    try {
      work.once();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new ExecutionException(e);
    }
    long nanos = System.nanoTime() - startNanos;
    long micros = nanos / 1_000;
    return new Measured(1, units * 1e9 / nanos, micros, micros, micros, micros, micros, Map.of());
  }

  private static void record(Histogram latencies, long beforeNanos, long afterNanos) {
    latencies.recordValue(Math.min((afterNanos - beforeNanos) / 1_000, LATENCY_MAX_MICROS));
  }
}

package io.agentflow.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  /** What was measured: latencies are as the client saw them. */
  record Measured(
      long perSecond,
      long p50Micros,
      long p95Micros,
      long p99Micros,
      long p999Micros,
      long maxMicros) {}

  /** Runs the clients for a while. */
  static Measured run(int clients, Duration duration, Work work)
      throws InterruptedException, ExecutionException {
    Histogram latencies = new ConcurrentHistogram(LATENCY_MAX_MICROS, 3);
    long startNanos = System.nanoTime();
    long endNanos = startNanos + duration.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        running.add(
            threads.submit(
                () -> {
                  repeat(work, endNanos, latencies);
                  return null;
                }));
      }
      for (Future<?> client : running) {
        client.get();
      }
    }
    long nanos = System.nanoTime() - startNanos;
    return new Measured(
        (long) (latencies.getTotalCount() * 1e9 / nanos),
        latencies.getValueAtPercentile(50),
        latencies.getValueAtPercentile(95),
        latencies.getValueAtPercentile(99),
        latencies.getValueAtPercentile(99.9),
        latencies.getMaxValue());
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
    return new Measured((long) (units * 1e9 / nanos), micros, micros, micros, micros, micros);
  }

  private static void repeat(Work work, long endNanos, Histogram latencies) throws Exception {
    long beforeNanos = System.nanoTime();
    while (beforeNanos < endNanos) {
      work.once();
      long afterNanos = System.nanoTime();
      latencies.recordValue(Math.min((afterNanos - beforeNanos) / 1_000, LATENCY_MAX_MICROS));
      beforeNanos = afterNanos;
    }
  }
}

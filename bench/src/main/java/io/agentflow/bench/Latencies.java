package io.agentflow.bench;

import io.agentflow.bench.Load.Measured;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long things took, as they were measured by hand; from 1 µs to a minute. */
final class Latencies {

  private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(1);
  private static final int[] BOUNDS_MILLIS = {1, 5, 10, 15, 25, 50, 100};

  private final Histogram histogram = new ConcurrentHistogram(MAX_MICROS, 3);

  /** What is over before it begins took nothing. */
  void record(long fromNanos, long toNanos) {
    long micros = TimeUnit.NANOSECONDS.toMicros(toNanos - fromNanos);
    histogram.recordValue(Math.clamp(micros, 0, MAX_MICROS));
  }

  Measured over(long nanos) {
    return Measured.of(histogram, nanos);
  }

  /** How many took how long. */
  Map<String, Long> distribution() {
    Map<String, Long> counts = new LinkedHashMap<>();
    long from = 0;
    for (int bound : BOUNDS_MILLIS) {
      long to = TimeUnit.MILLISECONDS.toMicros(bound);
      counts.put("below %d ms".formatted(bound), histogram.getCountBetweenValues(from, to - 1));
      from = to;
    }
    counts.put("longer", histogram.getCountBetweenValues(from, MAX_MICROS));
    return counts;
  }
}

package io.agentflow.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.agentflow.bench.Load.Measured;
import java.util.Map;
import java.util.TreeMap;

/**
 * One line of a result.
 *
 * @param perSecond units a second; latencies are those of whole pieces of work
 * @param cpuMicrosPerUnit processor time by program, where that was watched
 */
record Figure(
    String name,
    int clients,
    long perSecond,
    long p50Micros,
    long p95Micros,
    long p99Micros,
    long p999Micros,
    long maxMicros,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Long> cpuMicrosPerUnit) {

  static Figure of(String name, int clients, int unitsPerWork, Measured measured) {
    return new Figure(
        name,
        clients,
        Math.round(measured.perSecond() * unitsPerWork),
        measured.p50Micros(),
        measured.p95Micros(),
        measured.p99Micros(),
        measured.p999Micros(),
        measured.maxMicros(),
        perUnit(measured.cpuMicros(), measured.works() * unitsPerWork));
  }

  private static Map<String, Long> perUnit(Map<String, Long> cpuMicros, long units) {
    Map<String, Long> each = new TreeMap<>();
    cpuMicros.forEach((program, micros) -> each.put(program, micros / units));
    return each;
  }

  /** All programs together; 0 where nothing was watched. */
  long cpuMicrosPerUnitOfAll() {
    return cpuMicrosPerUnit.values().stream().mapToLong(Long::longValue).sum();
  }
}

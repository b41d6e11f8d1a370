package io.agentflow.bench;

import io.agentflow.bench.Load.Measured;

/**
 * One line of a result.
 *
 * @param perSecond units a second; latencies are those of whole pieces of work
 */
record Figure(
    String name,
    int clients,
    long perSecond,
    long p50Micros,
    long p95Micros,
    long p99Micros,
    long p999Micros,
    long maxMicros) {

  static Figure of(String name, int clients, int unitsPerWork, Measured measured) {
    return new Figure(
        name,
        clients,
        measured.perSecond() * unitsPerWork,
        measured.p50Micros(),
        measured.p95Micros(),
        measured.p99Micros(),
        measured.p999Micros(),
        measured.maxMicros());
  }
}

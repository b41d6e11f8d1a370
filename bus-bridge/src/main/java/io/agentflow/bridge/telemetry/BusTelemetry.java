package io.agentflow.bridge.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;

/**
 * To whom the bus tells of its messages.
 *
 * @param spans of each message, where somebody traces
 * @param meters of all of them together
 */
public record BusTelemetry(MessageSpans spans, MeterRegistry meters) {

  /** Nobody watches. */
  public static BusTelemetry none() {
    return new BusTelemetry(MessageSpans.OFF, new CompositeMeterRegistry());
  }
}

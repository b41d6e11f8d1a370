package io.agentflow.bridge;

import io.agentflow.bridge.telemetry.BusTelemetry;
import io.agentflow.bridge.telemetry.MessageSpans;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.Span;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Tells whoever watches how a stream is published: a span a message, and figures of all of them.
 */
final class StreamWatch {

  private static final String TAG = "stream";

  private final MessageSpans spans;
  private final MeterRegistry meters;
  private final String stream;
  private final Counter published;
  private final Timer acknowledgement;

  StreamWatch(BusTelemetry telemetry, BusStream stream) {
    this.spans = telemetry.spans();
    this.meters = telemetry.meters();
    this.stream = stream.name();
    this.published =
        Counter.builder("agentflow.bridge.published.messages")
            .description("Messages that NATS has acknowledged to this node")
            .tag(TAG, stream.name())
            .register(meters);
    this.acknowledgement =
        Timer.builder("agentflow.bridge.acknowledgement")
            .description("From publishing a message that asks for it until it is acknowledged")
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(2),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10))
            .tag(TAG, stream.name())
            .register(meters);
  }

  /** Has the figures of its publisher told, too. */
  void figuresOf(StreamPublisher publisher, LongSupplier head) {
    gauge(
        "position",
        "Up to here all that the stream tells is acknowledged",
        publisher,
        StreamPublisher::position);
    gauge(
        "lag.events",
        "Entries of the log behind that",
        publisher,
        of -> Math.max(0, head.getAsLong() - of.position()));
    gauge(
        "in.flight.messages", "Published, not acknowledged", publisher, StreamPublisher::inFlight);
    counter("retries", "How often publishing began anew", publisher, StreamPublisher::retries);
    counter(
        "duplicates.refused",
        "Messages that NATS had already",
        publisher,
        StreamPublisher::duplicatesRefused);
    for (Circuit.State state : Circuit.State.values()) {
      Gauge.builder(
              "agentflow.bridge.circuit", publisher, of -> of.circuit().state() == state ? 1 : 0)
          .description("1 for the state that the stream's circuit has")
          .tag(TAG, stream)
          .tag("state", state.name().toLowerCase(Locale.ROOT))
          .register(meters);
    }
  }

  private void gauge(
      String name, String what, StreamPublisher publisher, ToDoubleFunction<StreamPublisher> of) {
    Gauge.builder("agentflow.bridge." + name, publisher, of)
        .description(what)
        .tag(TAG, stream)
        .register(meters);
  }

  private void counter(
      String name, String what, StreamPublisher publisher, ToDoubleFunction<StreamPublisher> of) {
    FunctionCounter.builder("agentflow.bridge." + name, publisher, of)
        .description(what)
        .tag(TAG, stream)
        .register(meters);
  }

  /** A message goes out; whoever learns what came of it ends the span. */
  Span publishing(StreamMessage message) {
    return spans.publishing(message.subject(), message.headers()::get, message.body());
  }

  /**
   * An acknowledgement came.
   *
   * @param messages how many it holds for
   * @param nanos since the message went out that asked for it
   */
  void acknowledged(int messages, long nanos) {
    published.increment(messages);
    acknowledgement.record(nanos, TimeUnit.NANOSECONDS);
  }
}

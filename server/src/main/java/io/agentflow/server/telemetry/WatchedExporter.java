package io.agentflow.server.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once that the collector does not take spans, and once that it does again. */
final class WatchedExporter implements SpanExporter {

  private static final Logger LOG = LoggerFactory.getLogger(WatchedExporter.class);

  private final SpanExporter exporter;
  private final String collector;
  private final Counter sent;
  private final Counter lost;
  private final AtomicBoolean isAway = new AtomicBoolean();

  WatchedExporter(SpanExporter exporter, URI collector, MeterRegistry meters) {
    this.exporter = exporter;
    // Without the name and password that it may have.
    this.collector =
        collector.getHost() + (collector.getPort() < 0 ? "" : ":" + collector.getPort());
    this.sent = counter(meters, "sent");
    this.lost = counter(meters, "lost");
  }

  private static Counter counter(MeterRegistry meters, String outcome) {
    return Counter.builder("agentflow.tracing.spans")
        .description("Spans that the collector took, or did not")
        .tag("outcome", outcome)
        .register(meters);
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(
        () -> {
          if (result.isSuccess()) {
            sent.increment(count);
            takes();
          } else {
            lost.increment(count);
            isGone(result.getFailureThrowable());
          }
        });
  }

  private void takes() {
    if (isAway.compareAndSet(true, false)) {
      LOG.info("the collector at {} takes spans again", collector);
    }
  }

  private void isGone(@Nullable Throwable why) {
    if (isAway.compareAndSet(false, true)) {
      LOG.warn(
          "the collector at {} does not take spans, which are lost until it does: {}",
          collector,
          why == null ? "it does not answer" : why.toString());
    }
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}

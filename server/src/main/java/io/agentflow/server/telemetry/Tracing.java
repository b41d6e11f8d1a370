package io.agentflow.server.telemetry;

import io.agentflow.bridge.telemetry.MessageSpans;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells spans to a collector, if there is to be one. They wait in a bounded queue for a thread of
 * its own, which sends them in batches; what finds no place there is dropped, so that nobody waits
 * for a collector.
 */
public final class Tracing implements AutoCloseable {

  private static final int QUEUE_SPANS_MAX = 8_192;
  private static final int BATCH_SPANS_MAX = 512;
  private static final Duration SEND_EVERY = Duration.ofSeconds(1);
  private static final Duration TRY_AGAIN_AFTER = Duration.ofMillis(500);
  private static final Duration SENT_WITHIN = Duration.ofSeconds(10);
  private static final Duration LAST_SENT_WITHIN = Duration.ofSeconds(3);

  private final @Nullable SdkTracerProvider provider;
  private final OpenTelemetry telemetry;

  /**
   * Nothing is sent before a span ends.
   *
   * @param settings empty where nobody traces
   */
  public Tracing(Optional<TracingSettings> settings, String version, MeterRegistry meters) {
    this.provider = settings.map(wanted -> provider(wanted, version, meters)).orElse(null);
    this.telemetry =
        provider == null
            ? OpenTelemetry.noop()
            : OpenTelemetrySdk.builder().setTracerProvider(provider).build();
  }

  private static SdkTracerProvider provider(
      TracingSettings settings, String version, MeterRegistry meters) {
    URI traces = settings.collector().resolve(path(settings.collector()) + "/v1/traces");
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(traces.toString())
            .setTimeout(SENT_WITHIN)
            .setCompression("gzip")
            .setRetryPolicy(
                RetryPolicy.builder().setMaxAttempts(3).setInitialBackoff(TRY_AGAIN_AFTER).build())
            .build();
    return SdkTracerProvider.builder()
        .setResource(
            Resource.getDefault()
                .merge(
                    Resource.create(
                        Attributes.of(
                            AttributeKey.stringKey("service.name"),
                            settings.serviceName(),
                            AttributeKey.stringKey("service.version"),
                            version))))
        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.sampleRate())))
        .addSpanProcessor(
            BatchSpanProcessor.builder(new WatchedExporter(exporter, traces, meters))
                .setMaxQueueSize(QUEUE_SPANS_MAX)
                .setMaxExportBatchSize(BATCH_SPANS_MAX)
                .setScheduleDelay(SEND_EVERY)
                .setExporterTimeout(SENT_WITHIN)
                .build())
        .build();
  }

  private static String path(URI collector) {
    return collector.getPath().replaceAll("/+$", "");
  }

  public boolean isOn() {
    return provider != null;
  }

  /** By which spans are made; of no effect where nobody traces. */
  public OpenTelemetry telemetry() {
    return telemetry;
  }

  /** Of what goes over the bus. */
  public MessageSpans messages() {
    return isOn() ? MessageSpans.to(telemetry) : MessageSpans.OFF;
  }

  /** Sends what waits, but does not wait long for a collector that is away. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(LAST_SENT_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}

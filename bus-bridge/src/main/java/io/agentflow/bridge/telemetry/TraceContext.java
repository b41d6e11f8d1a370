package io.agentflow.bridge.telemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A W3C trace context as the one header of which events keep the value: {@code traceparent}. What
 * vendors say beside it ({@code tracestate}, {@code baggage}) is not kept.
 */
public final class TraceContext {

  public static final String TRACEPARENT = "traceparent";

  private static final TextMapGetter<String> ITSELF =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String traceparent) {
          return List.of(TRACEPARENT);
        }

        @Override
        public @Nullable String get(@Nullable String traceparent, String name) {
          return name.equals(TRACEPARENT) ? traceparent : null;
        }
      };

  private TraceContext() {}

  /** What a span is to continue; for nothing, and for what is malformed, a trace begins. */
  public static Context of(@Nullable String traceparent) {
    return traceparent == null
        ? Context.root()
        : W3CTraceContextPropagator.getInstance().extract(Context.root(), traceparent, ITSELF);
  }

  /** By which others continue the span. */
  public static String traceparent(Span span) {
    SpanContext context = span.getSpanContext();
    return "00-%s-%s-%s"
        .formatted(context.getTraceId(), context.getSpanId(), context.getTraceFlags().asHex());
  }

  /** Whether it says of itself that its trace is not told to anybody. */
  static boolean isLeftOut(@Nullable String traceparent) {
    return traceparent != null
        && !traceparent.isEmpty()
        && Character.digit(traceparent.charAt(traceparent.length() - 1), 16) % 2 == 0;
  }
}

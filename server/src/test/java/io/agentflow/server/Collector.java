package io.agentflow.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Receives spans as a collector of OpenTelemetry's does: OTLP in protobuf over HTTP. */
final class Collector implements AutoCloseable {

  private static final Duration SOON = Duration.ofSeconds(20);

  private final List<Told> spans = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  /**
   * A span as it was told.
   *
   * @param service that told it
   * @param parentId empty for the first of a trace
   */
  record Told(
      String service,
      String name,
      Span.SpanKind kind,
      String traceId,
      String id,
      String parentId,
      Map<String, String> attributes,
      boolean failed) {

    private static Told of(String service, Span span) {
      HexFormat hex = HexFormat.of();
      return new Told(
          service,
          span.getName(),
          span.getKind(),
          hex.formatHex(span.getTraceId().toByteArray()),
          hex.formatHex(span.getSpanId().toByteArray()),
          hex.formatHex(span.getParentSpanId().toByteArray()),
          span.getAttributesList().stream()
              .collect(Collectors.toMap(KeyValue::getKey, has -> text(has.getValue()))),
          span.getStatus().getCodeValue() == 2);
    }

    private static String text(AnyValue value) {
      return switch (value.getValueCase()) {
        case INT_VALUE -> Long.toString(value.getIntValue());
        case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
        default -> value.getStringValue();
      };
    }
  }

  private Collector(HttpServer server) {
    this.server = server;
  }

  static Collector at(int port) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      Collector collector = new Collector(server);
      server.createContext("/v1/traces", collector::receive);
      server.start();
      return collector;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    boolean packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    try (InputStream sent = exchange.getRequestBody();
        InputStream body = packed ? new GZIPInputStream(sent) : sent) {
      for (ResourceSpans of : ExportTraceServiceRequest.parseFrom(body).getResourceSpansList()) {
        String service =
            of.getResource().getAttributesList().stream()
                .filter(has -> has.getKey().equals("service.name"))
                .map(has -> has.getValue().getStringValue())
                .findFirst()
                .orElse("");
        for (ScopeSpans scope : of.getScopeSpansList()) {
          scope.getSpansList().forEach(span -> spans.add(Told.of(service, span)));
        }
      }
    }
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  List<Told> spans() {
    return List.copyOf(spans);
  }

  /** Waits for the first that is so. */
  Told await(String what, Predicate<Told> which) {
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    while (true) {
      for (Told span : spans) {
        if (which.test(span)) {
          return span;
        }
      }
      if (System.nanoTime() > deadlineNanos) {
        throw new IllegalStateException("no span of " + what + " among " + spans);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

package io.agentflow.bridge.command;

import io.agentflow.bridge.telemetry.BusTelemetry;
import io.agentflow.bridge.telemetry.TraceContext;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Tells whoever watches of each command that comes by the bus: a span, and figures of all. */
public final class WatchedCommands implements CommandTarget {

  private static final int FAULT_OF_OURS = 500;

  private final CommandTarget target;
  private final BusTelemetry telemetry;
  private final AtomicInteger inFlight = new AtomicInteger();

  public WatchedCommands(CommandTarget target, BusTelemetry telemetry) {
    this.target = target;
    this.telemetry = telemetry;
    Gauge.builder("agentflow.bus.commands.in.flight", inFlight, AtomicInteger::get)
        .description("Commands by the bus that are under way")
        .register(telemetry.meters());
  }

  @Override
  public BusAnswer send(BusCommand command) {
    MeterRegistry meters = telemetry.meters();
    Timer.Sample began = Timer.start(meters);
    Span span =
        telemetry
            .spans()
            .consuming(
                "af.%s.commands.%s".formatted(command.tenantId(), command.operation()),
                command.headers()::get,
                new byte[0]);
    inFlight.incrementAndGet();
    try {
      BusAnswer answer = target.send(continuing(span, command));
      tell(span, answer.status());
      began.stop(answered(meters, answer.status()));
      return answer;
    } finally {
      inFlight.decrementAndGet();
      span.end();
    }
  }

  /** What the command leads to belongs to the span, where there is one. */
  private static BusCommand continuing(Span span, BusCommand command) {
    if (!span.getSpanContext().isValid()) {
      return command;
    }
    Map<String, String> headers = new TreeMap<>(command.headers());
    headers.keySet().removeIf(TraceContext.TRACEPARENT::equalsIgnoreCase);
    headers.put(TraceContext.TRACEPARENT, TraceContext.traceparent(span));
    return new BusCommand(command.tenantId(), command.operation(), headers, command.body());
  }

  private static void tell(Span span, int status) {
    span.setAttribute("agentflow.answer.status", (long) status);
    if (status >= FAULT_OF_OURS) {
      span.setStatus(StatusCode.ERROR);
    }
  }

  private static Timer answered(MeterRegistry meters, int status) {
    return Timer.builder("agentflow.bus.commands")
        .description("Commands by the bus, until they were answered")
        .tag("status", Integer.toString(status))
        .register(meters);
  }
}

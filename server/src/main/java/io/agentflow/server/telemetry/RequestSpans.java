package io.agentflow.server.telemetry;

import io.agentflow.application.intake.Caller;
import io.agentflow.bridge.telemetry.MessageSpans;
import io.agentflow.bridge.telemetry.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;

/**
 * A span for each request, by its route; it continues the caller's trace or begins one, and what
 * the request leads to continues it.
 */
public final class RequestSpans extends OncePerRequestFilter {

  private static final int FAULT_OF_OURS = 500;

  private final Tracer tracer;

  public RequestSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Span span =
        tracer
            .spanBuilder(request.getMethod())
            .setSpanKind(SpanKind.SERVER)
            .setParent(TraceContext.of(request.getHeader(TraceContext.TRACEPARENT)))
            .setAttribute("http.request.method", request.getMethod())
            .setAttribute("url.path", request.getRequestURI())
            .startSpan();
    request.setAttribute(Caller.TRACEPARENT_ATTRIBUTE, TraceContext.traceparent(span));
    try {
      chain.doFilter(request, response);
    } catch (ServletException | IOException | RuntimeException e) {
      MessageSpans.failed(span, e);
      throw e;
    }
    if (request.isAsyncStarted()) {
      request.getAsyncContext().addListener(new EndOfAnswer(span, request, response));
    } else {
      end(span, request, response);
    }
  }

  private static void end(Span span, HttpServletRequest request, HttpServletResponse response) {
    if (request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)
        instanceof String route) {
      span.updateName(request.getMethod() + " " + route);
      span.setAttribute("http.route", route);
    }
    if (request.getAttribute("caller") instanceof Caller caller) {
      span.setAttribute("agentflow.tenant.id", caller.tenantId());
    }
    span.setAttribute("http.response.status_code", response.getStatus());
    if (response.getStatus() >= FAULT_OF_OURS) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }

  /** Of an answer that goes on after its thread has left. */
  private record EndOfAnswer(Span span, HttpServletRequest request, HttpServletResponse response)
      implements AsyncListener {

    @Override
    public void onComplete(AsyncEvent event) {
      end(span, request, response);
    }

    @Override
    public void onError(AsyncEvent event) {
      if (event.getThrowable() != null) {
        span.recordException(event.getThrowable());
      }
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      span.addEvent("timeout");
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this);
    }
  }
}

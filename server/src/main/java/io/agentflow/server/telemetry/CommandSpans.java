package io.agentflow.server.telemetry;

import io.agentflow.application.CommandRejected;
import io.agentflow.application.StaleVersion;
import io.agentflow.application.WhoAndWhy;
import io.agentflow.bridge.telemetry.MessageSpans;
import io.agentflow.bridge.telemetry.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import java.util.Map;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.MessageHandlerInterceptor;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.ExecutionResult;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.jspecify.annotations.Nullable;

/**
 * A span for each command, from its decision until its events are appended; its context is what the
 * events keep as their {@code traceparent}. A command that no request sent, but a clock, begins a
 * trace.
 */
public final class CommandSpans implements MessageHandlerInterceptor<CommandMessage<?>> {

  private final Tracer tracer;

  public CommandSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public @Nullable Object handle(
      UnitOfWork<? extends CommandMessage<?>> unitOfWork, InterceptorChain chain) throws Exception {
    CommandMessage<?> command = unitOfWork.getMessage();
    MetaData metadata = command.getMetaData();
    Span span =
        tracer
            .spanBuilder("command " + command.getPayloadType().getSimpleName())
            .setParent(TraceContext.of((String) metadata.get(WhoAndWhy.TRACEPARENT)))
            .setAttribute("agentflow.command.id", command.getIdentifier())
            .setAttribute("agentflow.tenant.id", String.valueOf(metadata.get(WhoAndWhy.TENANT_ID)))
            .startSpan();
    unitOfWork.onRollback(failed -> tellFailure(span, failed.getExecutionResult()));
    unitOfWork.onCleanup(done -> span.end());
    unitOfWork.transformMessage(
        traced ->
            traced.andMetaData(Map.of(WhoAndWhy.TRACEPARENT, TraceContext.traceparent(span))));
    return chain.proceed();
  }

  /** A refusal is an answer like any other; that it was one is told without calling it a fault. */
  private static void tellFailure(Span span, @Nullable ExecutionResult result) {
    if (result == null || !result.isExceptionResult()) {
      return;
    }
    Throwable why = result.getExceptionResult();
    switch (why) {
      case CommandRejected refused -> tellRefusal(span, refused);
      case StaleVersion refused -> tellRefusal(span, refused);
      default -> MessageSpans.failed(span, why);
    }
  }

  private static void tellRefusal(Span span, Exception refused) {
    span.setAttribute("agentflow.command.refused", String.valueOf(refused.getMessage()));
  }
}

package io.agentflow.bridge.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Spans of what is done with messages. Whoever is given one ends it.
 *
 * <p>A message carries the trace context of its event, which is in the log and under its hash, and
 * which the mirror is compared by. So the span of publishing cannot put itself between the two, as
 * producers otherwise do: it is a child of the event's context, and leaves the message as it is.
 * The span of whoever consumes the message is a child of the same: beside that of publishing, in
 * the same trace, also when the message is published again, repaired or replayed.
 *
 * <p>Where nobody traces, and for traces that are left out, no span is made.
 */
public final class MessageSpans {

  /** Nobody traces. */
  public static final MessageSpans OFF = new MessageSpans(null);

  private static final JsonMapper JSON = new JsonMapper();
  private static final String POSITION = "AF-Position";
  private static final String EVENT_TYPE = "AF-Event-Type";

  private final @Nullable Tracer tracer;

  private MessageSpans(@Nullable Tracer tracer) {
    this.tracer = tracer;
  }

  /** Spans that are told to somebody. */
  public static MessageSpans to(OpenTelemetry telemetry) {
    return new MessageSpans(telemetry.getTracer("io.agentflow.bridge"));
  }

  /**
   * {@code messaging.publish <subject>}: from when the message goes out until it is acknowledged.
   *
   * @param header a header's value by its name
   */
  public Span publishing(String subject, UnaryOperator<@Nullable String> header, byte[] body) {
    Tracer present = tracer;
    if (present == null || TraceContext.isLeftOut(header.apply(TraceContext.TRACEPARENT))) {
      return Span.getInvalid();
    }
    return ofMessage(present, "publish", SpanKind.PRODUCER, subject, header, body);
  }

  /** {@code messaging.consume <subject>}: what somebody does with a message that came. */
  public Span consuming(Message message) {
    Headers headers = message.getHeaders();
    return consuming(
        message.getSubject(),
        name -> headers == null ? null : headers.getFirst(name),
        message.getData());
  }

  /**
   * The same for what is no message of a stream.
   *
   * @param header a header's value by its name
   */
  public Span consuming(String subject, UnaryOperator<@Nullable String> header, byte[] body) {
    Tracer present = tracer;
    return present == null
        ? Span.getInvalid()
        : ofMessage(present, "consume", SpanKind.CONSUMER, subject, header, body);
  }

  /**
   * {@code messaging.replay <workflow_id>}: a history that is published again.
   *
   * @param id of the workflow, or of the replay where it is of a whole tenant
   * @param destination the subject under which all of it goes out
   * @param traceparent of the request that asked for it
   */
  public Span replaying(String id, String destination, @Nullable String traceparent) {
    Tracer present = tracer;
    return present == null
        ? Span.getInvalid()
        : begin(present, "replay", SpanKind.CLIENT, id, destination, traceparent).startSpan();
  }

  /** Says on the span what went wrong, and ends it. */
  public static void failed(Span span, Throwable why) {
    if (span.isRecording()) {
      span.recordException(why);
      span.setStatus(StatusCode.ERROR, String.valueOf(why.getMessage()));
    }
    span.end();
  }

  private static SpanBuilder begin(
      Tracer tracer,
      String operation,
      SpanKind kind,
      String of,
      String destination,
      @Nullable String traceparent) {
    return tracer
        .spanBuilder("messaging." + operation + " " + of)
        .setSpanKind(kind)
        .setParent(TraceContext.of(traceparent))
        .setAttribute("messaging.system", "nats")
        .setAttribute("messaging.destination.name", destination)
        .setAttribute("messaging.operation.name", operation);
  }

  private static Span ofMessage(
      Tracer tracer,
      String operation,
      SpanKind kind,
      String subject,
      UnaryOperator<@Nullable String> header,
      byte[] body) {
    Span span =
        begin(tracer, operation, kind, subject, subject, header.apply(TraceContext.TRACEPARENT))
            .startSpan();
    String position = header.apply(POSITION);
    if (span.isRecording() && position != null) {
      describe(span, position, header.apply(EVENT_TYPE), body);
    }
    return span;
  }

  private static void describe(
      Span span, String position, @Nullable String eventType, byte[] body) {
    set(span, "agentflow.position", position);
    set(span, "agentflow.event.type", eventType);
    set(span, "messaging.message.body.size", body.length);
    JsonNode message;
    try {
      message = JSON.readTree(body);
    } catch (IOException e) {
      span.recordException(e);
      return;
    }
    if (message.has("envelope_hash")) {
      describeEnvelope(span, message);
    } else {
      describeIntegrationEvent(span, message);
    }
  }

  private static void describeEnvelope(Span span, JsonNode envelope) {
    JsonNode metadata = envelope.path("metadata");
    JsonNode payload = envelope.path("payload");
    JsonNode cost = envelope.path("cost");
    set(span, "messaging.message.id", text(envelope, "id"));
    set(span, "messaging.message.type", text(envelope, "type"));
    set(span, "messaging.message.from", text(envelope, "from"));
    set(span, "messaging.message.to", text(envelope, "to"));
    set(span, "agentflow.tenant.id", text(metadata, "tenant_id"));
    set(span, "agentflow.workflow.id", either(metadata, "workflow_id", payload, "workflowId"));
    set(span, "agentflow.agent.id", either(metadata, "agent_id", payload, "agentId"));
    set(span, "agentflow.message.envelope_hash", text(envelope, "envelope_hash"));
    set(span, "agentflow.message.cost.tokens", cost.path("tokens").asLong());
    span.setAttribute("agentflow.message.cost.dollars", cost.path("dollars").asDouble());
  }

  private static void describeIntegrationEvent(Span span, JsonNode event) {
    set(span, "messaging.message.id", text(event, "event_id"));
    set(span, "messaging.message.type", text(event, "event_type"));
    set(span, "agentflow.tenant.id", text(event, "workspace_id"));
    set(span, "agentflow.workflow.id", text(event, "run_id"));
    set(span, "agentflow.agent.id", text(event, "agent_id"));
  }

  private static @Nullable String either(JsonNode one, String name, JsonNode other, String alias) {
    String found = text(one, name);
    return found == null ? text(other, alias) : found;
  }

  private static @Nullable String text(JsonNode object, String name) {
    JsonNode value = object.path(name);
    return value.isTextual() ? value.textValue() : null;
  }

  private static void set(Span span, String name, @Nullable String value) {
    if (value != null) {
      span.setAttribute(name, value);
    }
  }

  private static void set(Span span, String name, long value) {
    span.setAttribute(name, value);
  }
}

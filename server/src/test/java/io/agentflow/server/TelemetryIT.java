package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.bridge.telemetry.MessageSpans;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.Collector.Told;
import io.agentflow.server.telemetry.Tracing;
import io.agentflow.server.telemetry.TracingSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.Connection;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From a request to whoever consumes its message, seen by a collector of traces. */
class TelemetryIT {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Pattern LOST =
      Pattern.compile("agentflow_tracing_spans_total\\{outcome=\"lost\"} ([0-9.]+)");

  private static NatsServerProcess nats;
  private static ServerProcess server;
  private static int collectorPort;

  @BeforeAll
  static void start() throws IOException {
    collectorPort = ServerProcess.freePort();
    nats = NatsServerProcess.start();
    server =
        ServerProcess.start(
            Map.of(
                "AF_BUS_URL",
                nats.url(),
                "AF_OTEL_EXPORTER_OTLP_ENDPOINT",
                collectorUrl(),
                "AF_SERVICE_NAME",
                "control-plane"));
  }

  @AfterAll
  static void stop() {
    server.close();
    nats.close();
  }

  private static String collectorUrl() {
    return "http://127.0.0.1:" + collectorPort;
  }

  private static String create(String... headers) {
    HttpResponse<String> created =
        server.post(
            "/v1/workflows", "{\"name\": \"triage\", \"intent\": \"sort the inbox\"}", headers);
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    return CanonicalJson.parse(created.body()).path("id").asText();
  }

  /** As a consumer in Java does it: the span continues what the message says. */
  @SuppressWarnings("try") // closing a connection may be interrupted
  private static Message consume(String workflowId) throws Exception {
    try (Connection connection = Nats.connect(nats.url());
        Tracing consumers =
            new Tracing(
                Optional.of(new TracingSettings(URI.create(collectorUrl()), "consumer", 1)),
                "1",
                new SimpleMeterRegistry())) {
      JetStreamSubscription subscription =
          connection.jetStream().subscribe("af.default.workflows." + workflowId + ".out");
      Message message = subscription.nextMessage(SOON);
      consumers.messages().consuming(message).end();
      message.ack();
      return message;
    }
  }

  /** Each link of the chain: request, command, message, consumer. */
  private static void assertChained(Collector collector, String workflowId, Message message) {
    JsonNode envelope = CanonicalJson.parse(new String(message.getData(), StandardCharsets.UTF_8));
    String subject = "af.default.workflows." + workflowId + ".out";
    String traceId = envelope.path("trace_id").asText();
    assertThat(message.getHeaders().getFirst("traceparent"))
        .matches("00-%s-%s-0[13]".formatted(traceId, envelope.path("span_id").asText()));

    Told command =
        collector.await("the command", span -> span.id().equals(envelope.path("span_id").asText()));
    assertThat(command.name()).isEqualTo("command CreateWorkflow");
    Told request = collector.await("the request", span -> span.id().equals(command.parentId()));
    assertThat(request.name()).isEqualTo("POST /v1/workflows");
    assertThat(request.kind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
    assertThat(request.service()).isEqualTo("control-plane");
    assertThat(request.attributes())
        .containsEntry("http.route", "/v1/workflows")
        .containsEntry("http.response.status_code", "201")
        .containsEntry("agentflow.tenant.id", "default");
    Told published =
        collector.await("publishing", span -> span.name().equals("messaging.publish " + subject));
    assertThat(published.kind()).isEqualTo(SpanKind.SPAN_KIND_PRODUCER);
    assertThat(published.parentId()).isEqualTo(command.id());
    Told consumed =
        collector.await("consuming", span -> span.name().equals("messaging.consume " + subject));
    assertThat(consumed.kind()).isEqualTo(SpanKind.SPAN_KIND_CONSUMER);
    assertThat(consumed.service()).isEqualTo("consumer");
    assertThat(consumed.parentId()).isEqualTo(command.id());
    for (Told span : new Told[] {request, command, published, consumed}) {
      assertThat(span.traceId()).isEqualTo(traceId);
      assertThat(span.failed()).isFalse();
    }
    for (Told span : new Told[] {published, consumed}) {
      assertThat(span.attributes())
          .containsEntry("messaging.system", "nats")
          .containsEntry("messaging.destination.name", subject)
          .containsEntry("messaging.message.id", envelope.path("id").asText())
          .containsEntry("messaging.message.type", "event")
          .containsEntry("messaging.message.from", envelope.path("from").asText())
          .containsEntry("messaging.message.to", envelope.path("to").asText())
          .containsEntry("agentflow.workflow.id", workflowId)
          .containsEntry("agentflow.message.envelope_hash", envelope.path("envelope_hash").asText())
          .containsEntry("agentflow.message.cost.tokens", "0")
          .containsEntry("agentflow.message.cost.dollars", "0.0");
    }
  }

  @Test
  void a_callers_trace_goes_on_through_the_log_to_whoever_consumes_the_message() throws Exception {
    try (Collector collector = Collector.at(collectorPort)) {
      String workflowId = create("traceparent", "00-" + TRACE + "-" + SPAN + "-01");
      Message message = consume(workflowId);
      assertChained(collector, workflowId, message);
      assertThat(collector.spans())
          .filteredOn(span -> span.name().equals("POST /v1/workflows"))
          .anySatisfy(
              span -> {
                assertThat(span.traceId()).isEqualTo(TRACE);
                assertThat(span.parentId()).isEqualTo(SPAN);
              });
    }
  }

  @Test
  void a_request_without_a_trace_begins_one() throws Exception {
    try (Collector collector = Collector.at(collectorPort)) {
      String workflowId = create();
      Message message = consume(workflowId);
      assertChained(collector, workflowId, message);
      String traceId =
          CanonicalJson.parse(new String(message.getData(), StandardCharsets.UTF_8))
              .path("trace_id")
              .asText();
      assertThat(collector.spans())
          .filteredOn(span -> span.traceId().equals(traceId) && span.parentId().isEmpty())
          .singleElement()
          .satisfies(span -> assertThat(span.name()).isEqualTo("POST /v1/workflows"));
    }
  }

  @Test
  void a_trace_that_its_caller_leaves_out_is_not_told() throws Exception {
    try (Collector collector = Collector.at(collectorPort)) {
      String left = "0af7651916cd43dd8448eb211c80319c";
      Message message = consume(create("traceparent", "00-" + left + "-" + SPAN + "-00"));
      assertThat(message.getHeaders().getFirst("traceparent"))
          .startsWith("00-" + left + "-")
          .endsWith("-00");
      awaitTold(collector, create());
      assertThat(collector.spans()).noneMatch(span -> span.traceId().equals(left));
    }
  }

  @Test
  void a_command_that_is_refused_says_so_and_is_no_fault() {
    try (Collector collector = Collector.at(collectorPort)) {
      String workflowId = create();
      assertThat(
              server
                  .post("/v1/workflows/" + workflowId + "/complete", "{\"result\": \"-\"}")
                  .statusCode())
          .isEqualTo(409);
      Told command =
          collector.await(
              "the command", span -> span.attributes().containsKey("agentflow.command.refused"));
      assertThat(command.failed()).isFalse();
      Told request = collector.await("the request", span -> span.id().equals(command.parentId()));
      assertThat(request.name()).isEqualTo("POST /v1/workflows/{workflowId}/complete");
      assertThat(request.attributes()).containsEntry("http.response.status_code", "409");
      assertThat(request.failed()).isFalse();
    }
  }

  @Test
  void a_collector_that_is_away_is_told_of_once_and_nobody_waits_for_it() throws Exception {
    int told;
    try (Collector collector = Collector.at(collectorPort)) {
      awaitTold(collector, create());
      told = toldThatItIsAway();
    }
    create();
    awaitLostMoreThan(lost());
    create();
    awaitLostMoreThan(lost());
    assertThat(toldThatItIsAway()).isEqualTo(told + 1);
    assertThat(consume(create())).isNotNull();
    try (Collector collector = Collector.at(collectorPort)) {
      awaitTold(collector, create());
    }
  }

  private static void awaitTold(Collector collector, String workflowId) {
    collector.await("a message", span -> span.name().endsWith(workflowId + ".out"));
  }

  private static int toldThatItIsAway() {
    return (int) server.output().lines().filter(line -> line.contains("not take spans")).count();
  }

  private static double lost() {
    Matcher lost = LOST.matcher(metrics());
    assertThat(lost.find()).isTrue();
    return Double.parseDouble(lost.group(1));
  }

  private static void awaitLostMoreThan(double before) {
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    while (lost() <= before) {
      assertThat(System.nanoTime()).isLessThan(deadlineNanos);
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static String metrics() {
    return server.get("/v1/metrics").body();
  }

  @Test
  void a_command_by_the_bus_goes_on_with_the_trace_of_its_message() throws Exception {
    String traceId = "c3ab8ff13720e8ad9047dd39466b3c89";
    try (Collector collector = Collector.at(collectorPort)) {
      Message reply =
          ask("createWorkflow", "00-" + traceId + "-" + SPAN + "-01", "{\"name\": \"run\"}");
      assertThat(reply.getHeaders().getFirst("AF-Status")).isEqualTo("422");
      Told consumed =
          collector.await("the command", span -> span.name().startsWith("messaging.consume "));
      assertThat(consumed.name()).isEqualTo("messaging.consume af.default.commands.createWorkflow");
      assertThat(consumed.kind()).isEqualTo(SpanKind.SPAN_KIND_CONSUMER);
      assertThat(consumed.traceId()).isEqualTo(traceId);
      assertThat(consumed.parentId()).isEqualTo(SPAN);
      assertThat(consumed.attributes())
          .containsEntry("messaging.system", "nats")
          .containsEntry("messaging.destination.name", "af.default.commands.createWorkflow")
          .containsEntry("agentflow.answer.status", "422");
      Told request = collector.await("the request", span -> span.parentId().equals(consumed.id()));
      assertThat(request.name()).isEqualTo("POST /v1/workflows");
      assertThat(request.traceId()).isEqualTo(traceId);
    }
    assertThat(metrics())
        .contains("agentflow_bus_commands_in_flight 0.0")
        .contains("agentflow_bus_commands_seconds_count{status=\"422\"} 1");
  }

  /** Waits for a service that is being started. */
  @SuppressWarnings("try") // closing a connection may be interrupted
  private static Message ask(String operation, String traceparent, String body) throws Exception {
    try (Connection connection = Nats.connect(nats.url())) {
      NatsMessage message =
          NatsMessage.builder()
              .subject("af.default.commands." + operation)
              .headers(
                  new Headers()
                      .put("Authorization", server.bearer("default", "tester"))
                      .put("traceparent", traceparent))
              .data(body)
              .build();
      Message reply = connection.request(message, SOON);
      while (reply == null || reply.isStatusMessage()) {
        LockSupport.parkNanos(50_000_000);
        reply = connection.request(message, SOON);
      }
      return reply;
    }
  }

  @Test
  void metrics_say_how_each_stream_is_doing() throws Exception {
    consume(create());
    assertThat(metrics())
        .contains("agentflow_projection_position{projection=\"workflows\"}")
        .contains("agentflow_bridge_position{stream=\"AF_MESSAGES\"}")
        .contains("agentflow_bridge_lag_events{stream=\"AF_TOOLS\"}")
        .contains("agentflow_bridge_in_flight_messages{stream=\"AF_MESSAGES\"}")
        .contains("agentflow_bridge_published_messages_total{stream=\"AF_MESSAGES\"}")
        .contains("agentflow_bridge_retries_total{stream=\"AF_MESSAGES\"}")
        .contains("agentflow_bridge_duplicates_refused_total{stream=\"AF_MESSAGES\"}")
        .contains(
            "agentflow_bridge_acknowledgement_seconds_bucket{stream=\"AF_MESSAGES\",le=\"0.005\"}")
        .contains("agentflow_bridge_acknowledgement_seconds_count{stream=\"AF_MESSAGES\"}")
        .contains("agentflow_bridge_circuit{state=\"closed\",stream=\"AF_MESSAGES\"} 1.0")
        .contains("agentflow_bridge_circuit{state=\"open\",stream=\"AF_MESSAGES\"} 0.0");
  }

  @Test
  void without_a_collector_there_is_nothing_that_traces() {
    try (Tracing off = new Tracing(Optional.empty(), "1", new SimpleMeterRegistry())) {
      assertThat(off.isOn()).isFalse();
      assertThat(off.messages()).isSameAs(MessageSpans.OFF);
    }
  }
}

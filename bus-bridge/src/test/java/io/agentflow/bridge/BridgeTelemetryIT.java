package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.bridge.BridgeStatus.State;
import io.agentflow.bridge.telemetry.BusTelemetry;
import io.agentflow.bridge.telemetry.MessageSpans;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of messages to those who watch, on a real bus; the messages stay as they are. */
class BridgeTelemetryIT {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final BridgeSettings SETTINGS =
      new BridgeSettings(
          32,
          Duration.ofSeconds(2),
          Duration.ofMillis(100),
          Duration.ofMillis(100),
          Duration.ofMillis(500));

  private final InMemorySpanExporter told = InMemorySpanExporter.create();
  private final SdkTracerProvider provider =
      SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(told)).build();
  private final MessageSpans spans =
      MessageSpans.to(OpenTelemetrySdk.builder().setTracerProvider(provider).build());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private TestDatabase database;
  private TestLog log;
  private NatsServerProcess nats;

  @BeforeEach
  void start() {
    database = TestDatabase.create();
    log = new TestLog(database);
    nats = NatsServerProcess.absent();
  }

  @AfterEach
  void stop() {
    log.close();
    database.close();
    nats.close();
    provider.close();
  }

  private BridgeLoop bridge(BusTelemetry telemetry) {
    BridgeLoop loop =
        new BridgeLoop(
            database.application(),
            log.reader(),
            log.tail(),
            new Bus(BusSettings.of(Optional.of(nats.url()))),
            SETTINGS,
            telemetry);
    loop.start();
    return loop;
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still waiting until %s", what).isLessThan(deadlineNanos);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private void awaitPublished(BridgeLoop bridge) {
    long head = log.reader().headPosition();
    await(
        "everything is published",
        () -> bridge.status().state() == State.PUBLISHING && bridge.status().position() == head);
  }

  private void called(String workflowId, @Nullable String traceparent) {
    MetaData metadata = MetaData.with("tenantId", "acme").and("actor", "tester");
    log.engine()
        .appendEvents(
            List.of(
                new GenericDomainEventMessage<>(
                    "workflow",
                    workflowId,
                    0,
                    new TestLog.Called("search", "cats"),
                    traceparent == null ? metadata : metadata.and("traceparent", traceparent))));
  }

  private Message onlyMessageOf(String workflowId) throws Exception {
    try (BusClient client = BusClient.at(nats.url())) {
      JetStreamSubscription subscription =
          client.connection().jetStream().subscribe("af.acme.tools.calls");
      Message message = subscription.nextMessage(SOON);
      while (!body(message).contains(workflowId)) {
        message = subscription.nextMessage(SOON);
      }
      return message;
    }
  }

  private static String body(Message message) {
    return new String(message.getData(), StandardCharsets.UTF_8);
  }

  /** Without those of the public events that are made of the same entries. */
  private List<SpanData> ofTheMirror() {
    return told.getFinishedSpanItems().stream()
        .filter(span -> !span.getName().contains(".events."))
        .toList();
  }

  private double figure(String name) {
    return meters.get("agentflow.bridge." + name).tag("stream", "AF_TOOLS").gauge().value();
  }

  @Test
  void publishing_and_consuming_continue_the_trace_of_the_event_and_leave_the_message_as_it_is()
      throws Exception {
    nats.startAgain();
    log.append("acme", UUID.randomUUID().toString(), 0, 1);
    log.append("acme", "budget", UUID.randomUUID().toString(), new TestLog.Noted("reserved", 1));
    String workflowId = UUID.randomUUID().toString();
    called(workflowId, "00-" + TRACE + "-" + SPAN + "-01");
    try (BridgeLoop bridge = bridge(new BusTelemetry(spans, meters))) {
      awaitPublished(bridge);
    }
    new MirrorCheck(log.reader(), nats.url()).assertWhole();

    Message message = onlyMessageOf(workflowId);
    assertThat(message.getHeaders().getFirst("traceparent"))
        .isEqualTo("00-" + TRACE + "-" + SPAN + "-01");
    assertThat(CanonicalJson.parse(body(message)).path("span_id").asText()).isEqualTo(SPAN);
    spans.consuming(message).end();

    List<SpanData> ofTrace =
        ofTheMirror().stream().filter(span -> span.getTraceId().equals(TRACE)).toList();
    assertThat(ofTrace)
        .extracting(SpanData::getName)
        .containsExactly(
            "messaging.publish af.acme.tools.calls", "messaging.consume af.acme.tools.calls");
    SpanData published = ofTrace.getFirst();
    SpanData consumed = ofTrace.getLast();
    assertThat(published.getKind()).isEqualTo(SpanKind.PRODUCER);
    assertThat(consumed.getKind()).isEqualTo(SpanKind.CONSUMER);
    String id = CanonicalJson.parse(body(message)).path("id").asText();
    String hash = CanonicalJson.parse(body(message)).path("envelope_hash").asText();
    for (SpanData span : ofTrace) {
      assertThat(span.getTraceId()).isEqualTo(TRACE);
      assertThat(span.getParentSpanId()).isEqualTo(SPAN);
      assertThat(span.getStatus()).isEqualTo(StatusData.unset());
      assertThat(text(span, "messaging.system")).isEqualTo("nats");
      assertThat(text(span, "messaging.destination.name")).isEqualTo("af.acme.tools.calls");
      assertThat(text(span, "messaging.message.id")).isEqualTo(id);
      assertThat(text(span, "messaging.message.type")).isEqualTo("event");
      assertThat(text(span, "messaging.message.from")).isEqualTo("tester");
      assertThat(text(span, "messaging.message.to")).isEqualTo("af.acme.tools.calls");
      assertThat(text(span, "agentflow.workflow.id")).isEqualTo(workflowId);
      assertThat(text(span, "agentflow.event.type")).isEqualTo("workflow.tool-called");
      assertThat(text(span, "agentflow.message.envelope_hash")).isEqualTo(hash);
      assertThat(span.getAttributes().get(AttributeKey.longKey("agentflow.message.cost.tokens")))
          .isZero();
      assertThat(span.getAttributes().get(AttributeKey.doubleKey("agentflow.message.cost.dollars")))
          .isZero();
    }
  }

  private static @Nullable String text(SpanData span, String name) {
    return span.getAttributes().get(AttributeKey.stringKey(name));
  }

  @Test
  void a_trace_that_is_left_out_has_no_span_and_an_event_without_one_begins_its_own() {
    nats.startAgain();
    called(UUID.randomUUID().toString(), "00-" + TRACE + "-" + SPAN + "-00");
    called(UUID.randomUUID().toString(), null);
    try (BridgeLoop bridge = bridge(new BusTelemetry(spans, meters))) {
      awaitPublished(bridge);
    }
    assertThat(ofTheMirror()).hasSize(1);
    SpanData only = ofTheMirror().getFirst();
    assertThat(only.getParentSpanContext().isValid()).isFalse();
    assertThat(only.getTraceId()).isNotEqualTo(TRACE);
  }

  @Test
  void where_nobody_traces_there_are_no_spans_but_figures() {
    nats.startAgain();
    called(UUID.randomUUID().toString(), "00-" + TRACE + "-" + SPAN + "-01");
    try (BridgeLoop bridge = bridge(new BusTelemetry(MessageSpans.OFF, meters))) {
      awaitPublished(bridge);
      await("the figures say so", () -> figure("position") == log.reader().headPosition());
      assertThat(figure("lag.events")).isZero();
      assertThat(figure("in.flight.messages")).isZero();
    }
    assertThat(MessageSpans.OFF.publishing("af.x", name -> null, new byte[0]))
        .as("not even one that is dropped later")
        .isSameAs(Span.getInvalid());
    assertThat(told.getFinishedSpanItems()).isEmpty();
    assertThat(
            meters.get("agentflow.bridge.published.messages").tag("stream", "AF_TOOLS").counter())
        .satisfies(published -> assertThat(published.count()).isEqualTo(1));
    assertThat(meters.get("agentflow.bridge.acknowledgement").tag("stream", "AF_TOOLS").timer())
        .satisfies(
            timer -> {
              assertThat(timer.count()).isEqualTo(1);
              assertThat(timer.totalTime(java.util.concurrent.TimeUnit.SECONDS)).isBetween(0., 2.);
            });
  }

  @Test
  void what_fails_is_told_on_the_span_and_in_the_figures_and_so_is_that_it_went_well_later()
      throws Exception {
    nats.configure(
        """
        authorization {
          users = [{user: bridge, password: secret, permissions: {publish: {deny: ["af.*.tools.>"]}}}]
        }
        no_auth_user: bridge
        """);
    nats.startAgain();
    called(UUID.randomUUID().toString(), "00-" + TRACE + "-" + SPAN + "-01");
    try (BridgeLoop bridge = bridge(new BusTelemetry(spans, meters))) {
      await("it was tried and left in peace", () -> open() == 1 && !ofTheMirror().isEmpty());
      assertThat(figure("lag.events")).isEqualTo(1);
      assertThat(
              meters
                  .get("agentflow.bridge.retries")
                  .tag("stream", "AF_TOOLS")
                  .functionCounter()
                  .count())
          .isPositive();
      nats.kill();
      nats.configure("");
      nats.startAgain();
      awaitPublished(bridge);
      assertThat(open()).isZero();
    }
    SpanData failed = ofTheMirror().getFirst();
    assertThat(failed.getStatus().getDescription()).contains("Permissions Violation");
    assertThat(failed.getEvents())
        .singleElement()
        .satisfies(event -> assertThat(event.getName()).isEqualTo("exception"));
    SpanData last = ofTheMirror().getLast();
    assertThat(last.getStatus()).isEqualTo(StatusData.unset());
    assertThat(last.getName()).isEqualTo(failed.getName());
    assertThat(last.getParentSpanId()).isEqualTo(SPAN);
  }

  private double open() {
    return meters
        .get("agentflow.bridge.circuit")
        .tag("stream", "AF_TOOLS")
        .tag("state", "open")
        .gauge()
        .value();
  }
}

package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.bridge.BusClient.Stored;
import io.agentflow.bridge.integration.PublicEventType;
import io.agentflow.bridge.integration.PublicSchemas;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.EventTypes;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.postgres.LogWriter;
import io.agentflow.eventstore.postgres.LogWriterSettings;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.postgres.Snapshots;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import io.agentflow.eventstore.testing.TestDatabase;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.json.JacksonSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Public events on the way: from the log, by the bridge, into a stream of their own. */
class PublicEventsIT {

  private static final Duration SOON = Duration.ofSeconds(30);

  record Described(String workflowId) {}

  record Started(String workflowId) {}

  record Called(
      String workflowId,
      String callId,
      String agentId,
      String tool,
      String arguments,
      long tokens,
      long microDollars) {}

  record Completed(String workflowId, String result, long totalTokens, long totalMicroDollars) {}

  private static final EventTypes TYPES =
      new EventTypes(
          Map.of(
              Described.class, new EventType("workflow.created", 1),
              Started.class, new EventType("workflow.started", 1),
              Called.class, new EventType("workflow.tool-called", 1),
              Completed.class, new EventType("workflow.completed", 1)));

  private TestDatabase database;
  private LogTail tail;
  private LogWriter writer;
  private LogReader reader;
  private NatsServerProcess nats;

  @BeforeEach
  void start() {
    database = TestDatabase.create();
    tail = new LogTail();
    writer = new LogWriter(database.application(), LogWriterSettings.DEFAULT, tail);
    reader = new LogReader(database.application());
    nats = NatsServerProcess.start();
  }

  @AfterEach
  void stop() {
    writer.close();
    database.close();
    nats.close();
  }

  private void append(String tenantId, String workflowId) {
    List<Object> events =
        List.of(
            new Described(workflowId),
            new Started(workflowId),
            new Called(workflowId, "c1", "a1", "search", "{\"for\":\"Größe\"}", 9, 90),
            new Completed(workflowId, "found", 9, 90));
    new PostgresEventStorageEngine(
            writer,
            reader,
            new TenantLog(database.application()),
            new SpokenNameSerializer(TYPES),
            new Snapshots(
                database.application(),
                database.application(),
                JacksonSerializer.defaultSerializer(),
                "test"))
        .appendEvents(
            IntStream.range(0, events.size())
                .<DomainEventMessage<Object>>mapToObj(
                    i ->
                        new GenericDomainEventMessage<>(
                            "workflow",
                            workflowId,
                            i,
                            events.get(i),
                            MetaData.with("tenantId", tenantId).and("actor", "ada")))
                .toList());
  }

  /** Publishes until the log's end, and answers what the stream of public events then holds. */
  private List<Stored> published() throws Exception {
    try (Bus bus = new Bus(Optional.of(nats.url()));
        BridgeLoop loop =
            new BridgeLoop(database.application(), reader, tail, bus, BridgeSettings.DEFAULT)) {
      loop.start();
      long deadlineNanos = System.nanoTime() + SOON.toNanos();
      while (loop.status().position() < reader.headPosition()) {
        assertThat(System.nanoTime()).as("%s", loop.status()).isLessThan(deadlineNanos);
        LockSupport.parkNanos(20_000_000);
      }
    }
    try (BusClient client = BusClient.at(nats.url())) {
      long last =
          client
              .management()
              .getStreamInfo(BusStream.AF_EVENTS.name())
              .getStreamState()
              .getLastSequence();
      List<Stored> all = new ArrayList<>();
      for (long sequence = 1; sequence <= last; sequence++) {
        all.add(client.stored(BusStream.AF_EVENTS.name(), sequence));
      }
      return all;
    }
  }

  private static List<String> asText(List<Stored> messages) {
    return messages.stream()
        .map(
            message ->
                String.join(
                    " ",
                    message.subject(),
                    message.header("Nats-Msg-Id"),
                    message.header("ce-type"),
                    message.header("AF-Position"),
                    message.body()))
        .toList();
  }

  @Test
  void they_are_published_each_once_in_order_and_as_their_schemas_say() throws Exception {
    append("acme", UUID.randomUUID().toString());
    append("globex", UUID.randomUUID().toString());

    List<Stored> published = published();

    assertThat(published.stream().map(Stored::subject))
        .containsExactly(
            "af.acme.events.workflow.started",
            "af.acme.events.agent.action",
            "af.acme.events.workflow.completed",
            "af.globex.events.workflow.started",
            "af.globex.events.agent.action",
            "af.globex.events.workflow.completed");
    assertThat(published.stream().map(message -> message.header("AF-Position")))
        .containsExactly("2", "3", "4", "6", "7", "8");
    for (Stored message : published) {
      PublicEventType type =
          Arrays.stream(PublicEventType.values())
              .filter(each -> message.subject().endsWith(".events." + each.spokenName()))
              .findFirst()
              .orElseThrow();
      assertThat(PublicSchemas.faults(type, message.body().getBytes(StandardCharsets.UTF_8)))
          .isEmpty();
      assertThat(message.body()).contains("\"event_id\":\"" + message.header("Nats-Msg-Id"));
      assertThat(message.header("ce-type")).isEqualTo("io.agentflow.public." + type.spokenName());
      assertThat(message.header("ce-dataschema")).isEqualTo(type.schemaId());
    }
  }

  @Test
  void a_stream_that_was_deleted_is_made_again_byte_for_byte() throws Exception {
    append("acme", UUID.randomUUID().toString());
    append("acme", UUID.randomUUID().toString());
    List<String> before = asText(published());
    assertThat(before).hasSize(6);

    deleteStream();
    append("acme", UUID.randomUUID().toString());

    assertThat(asText(published())).hasSize(9).startsWith(before.toArray(String[]::new));
  }

  private void deleteStream() throws IOException, JetStreamApiException {
    try (BusClient client = BusClient.at(nats.url())) {
      client.management().deleteStream(BusStream.AF_EVENTS.name());
    }
  }
}

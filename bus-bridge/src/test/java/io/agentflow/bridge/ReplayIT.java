package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.bridge.Replay.Course;
import io.agentflow.bridge.Replay.Published;
import io.agentflow.bridge.Replay.Told;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.agentflow.eventstore.testing.TestLog.Noted;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.StreamConfiguration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Entries published again, on a real nats-server. */
class ReplayIT {

  private static final String WORKFLOW = UUID.randomUUID().toString();
  private static final BridgeSettings SETTINGS = BridgeSettings.DEFAULT;

  private TestDatabase database;
  private TestLog log;
  private NatsServerProcess nats;
  private Bus bus;
  private Replay replay;

  @BeforeEach
  void start() {
    database = TestDatabase.create();
    log = new TestLog(database);
    nats = NatsServerProcess.start();
    bus = new Bus(Optional.of(nats.url()));
    replay = new Replay(bus, SETTINGS);
  }

  @AfterEach
  void stop() {
    replay.close();
    bus.close();
    log.close();
    database.close();
    nats.close();
  }

  private static Course course(String replayId, @Nullable String to) {
    return new Course("acme", replayId, to, "digest of " + replayId);
  }

  private List<LogEntry> entries() {
    return log.tenantLog().ofAggregate("acme", WORKFLOW, -1, 1_000);
  }

  private List<Message> messages(String subject) throws Exception {
    List<Message> messages = new ArrayList<>();
    Connection connection = Nats.connect(nats.url());
    try {
      JetStreamSubscription subscription =
          connection
              .jetStream()
              .subscribe(
                  subject,
                  PushSubscribeOptions.builder().stream(BusStream.AF_REPLAYS.name())
                      .configuration(
                          ConsumerConfiguration.builder().deliverPolicy(DeliverPolicy.All).build())
                      .build());
      Message message = subscription.nextMessage(Duration.ofSeconds(2));
      while (message != null) {
        messages.add(message);
        message = subscription.nextMessage(Duration.ofMillis(300));
      }
    } finally {
      connection.close();
    }
    return messages;
  }

  private static @Nullable String header(Message message, String name) {
    return message.getHeaders().getFirst(name);
  }

  @Test
  void the_messages_are_the_original_ones_in_order_and_name_their_replay() throws Exception {
    log.append("acme", WORKFLOW, 0, 80);
    Course course = course("r1", null);
    assertThat(replay.lastTold(course)).isEmpty();

    assertThat(replay.publish(course, entries())).isEqualTo(new Published(80, null));

    List<Message> told = messages("af.acme.replay.r1.>");
    assertThat(told).hasSize(80);
    for (int i = 0; i < 80; i++) {
      LogEntry entry = entries().get(i);
      Message message = told.get(i);
      assertThat(message.getSubject())
          .isEqualTo("af.acme.replay.r1.workflows." + WORKFLOW + ".out");
      assertThat(header(message, "Nats-Msg-Id")).isEqualTo("r1:" + entry.eventId());
      assertThat(header(message, "AF-Position")).isEqualTo(Long.toString(entry.position()));
      assertThat(header(message, "AF-Replay")).isEqualTo("r1");
      assertThat(message.getData()).isEqualTo(Envelope.whole(entry, Subject.of(entry)));
      JsonNode envelope =
          CanonicalJson.parse(new String(message.getData(), StandardCharsets.UTF_8));
      assertThat(envelope.path("metadata").path("hash").asText()).isEqualTo(entry.hash().hex());
    }
    assertThat(replay.lastTold(course)).hasValue(new Told(80, "digest of r1"));
    assertThat(replay.lastTold(course("r2", null))).isEmpty();
  }

  @Test
  void what_is_published_twice_is_there_once() throws Exception {
    log.append("acme", WORKFLOW, 0, 20);
    replay.publish(course("r1", null), entries().subList(0, 15));
    replay.publish(course("r1", null), entries());
    assertThat(messages("af.acme.replay.r1.>"))
        .extracting(message -> header(message, "AF-Position"))
        .containsExactlyElementsOf(
            entries().stream().map(entry -> Long.toString(entry.position())).toList());
  }

  /** Several may share a subject: what came last there may be of another. */
  @Test
  void where_a_replay_ends_is_found_among_others_on_its_subject() throws Exception {
    log.append("acme", WORKFLOW, 0, 30);
    String shared = "af.acme.replay.training";
    replay.publish(course("r1", shared), entries().subList(0, 20));
    replay.publish(course("r2", shared), entries().subList(0, 10));

    assertThat(messages(shared)).hasSize(30);
    assertThat(replay.lastTold(course("r1", shared))).hasValue(new Told(20, "digest of r1"));
    assertThat(replay.lastTold(course("r2", shared))).hasValue(new Told(10, "digest of r2"));
    assertThat(replay.lastTold(course("r3", shared))).isEmpty();
  }

  @Test
  void an_altered_entry_does_not_go_out_and_nothing_behind_it() throws Exception {
    log.append("acme", WORKFLOW, 0, 5);
    database.asOwner(
        "update log.events set payload = replace(payload, 'note 2', 'note 9') where position = 3");

    Published published = replay.publish(course("r1", null), entries());

    assertThat(published.position()).isEqualTo(2);
    assertThat(published.fault()).contains("entry 3 was altered");
    assertThat(messages("af.acme.replay.r1.>")).hasSize(2);
  }

  /** By a limit that somebody gave the stream: nothing would be missing at the end of it. */
  @Test
  void a_message_that_nats_refuses_among_others_is_named() throws Exception {
    log.append("acme", WORKFLOW, 0, 1);
    log.engine()
        .appendEvents(
            List.of(
                new GenericDomainEventMessage<>(
                    "workflow",
                    WORKFLOW,
                    1,
                    new Noted("long ".repeat(2_000), 1),
                    MetaData.with("tenantId", "acme").and("actor", "tester"))));
    log.append("acme", WORKFLOW, 2, 1);
    assertThat(replay.lastTold(course("r1", null))).isEmpty();
    JetStreamManagement management = bus.ready(BusStream.AF_REPLAYS).jetStreamManagement();
    StreamConfiguration present =
        management.getStreamInfo(BusStream.AF_REPLAYS.name()).getConfiguration();
    management.updateStream(StreamConfiguration.builder(present).maximumMessageSize(5_000).build());

    Published published = replay.publish(course("r1", null), entries());

    assertThat(published.position()).isEqualTo(1);
    assertThat(published.fault()).contains("NATS refused entry 2 and took later ones");
  }

  @Test
  void a_bus_that_is_not_there_is_told_and_one_that_is_back_has_what_it_acknowledged()
      throws Exception {
    log.append("acme", WORKFLOW, 0, 10);
    Course course = course("r1", null);
    replay.publish(course, entries().subList(0, 4));
    nats.kill();

    assertThatExceptionOfType(BusFailure.class)
        .isThrownBy(() -> replay.publish(course, entries().subList(4, 10)));
    assertThatExceptionOfType(BusFailure.class).isThrownBy(() -> replay.lastTold(course));

    nats.startAgain();
    assertThat(replay.lastTold(course)).hasValue(new Told(4, "digest of r1"));
    replay.publish(course, entries().subList(4, 10));
    assertThat(messages("af.acme.replay.r1.>")).hasSize(10);
    assertThatExceptionOfType(BusFailure.class)
        .isThrownBy(() -> new Replay(new Bus(Optional.empty()), SETTINGS).lastTold(course))
        .withMessageContaining("AF_BUS_URL");
  }
}

package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.bridge.testing.NodeProgram;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.Subscription;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code docs/bus.md} tells consumers to do, with the configuration that it has for NATS. */
class BusPageIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String OWN_PREFIX = "agentflow";

  private final List<Connection> connections = new ArrayList<>();
  private NatsServerProcess nats;
  private Connection bridge;
  private Connection acme;

  @BeforeEach
  void start() throws Exception {
    String configuration =
        BusPageTest.between("\n```\naccounts {", "\n```", Files.readString(BusPageTest.PAGE));
    nats = NatsServerProcess.absent();
    nats.configure(
        "accounts {"
            + configuration
                .replace("$AGENTFLOW_PASSWORD", "of-the-bridge")
                .replace("$ACME_PASSWORD", "of-acme"));
    nats.startAgain();
    String ours = nats.url().replace("//", "//agentflow:of-the-bridge@");
    try (Bus bus = new Bus(Optional.of(ours))) {
      assertThat(bus.ready(BusStream.AF_MESSAGES).getStatus())
          .isEqualTo(Connection.Status.CONNECTED);
    }
    bridge = connect("agentflow", "of-the-bridge");
    acme = connect("acme", "of-acme");
    BusPage.make(bridge);
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Connection connection : connections) {
      connection.close();
    }
    nats.close();
  }

  private Connection connect(String user, String password) throws Exception {
    Connection connection =
        Nats.connect(
            Options.builder()
                .server(nats.url())
                .userInfo(user.toCharArray(), password.toCharArray())
                .build());
    connections.add(connection);
    return connection;
  }

  /** As the bridge does it. */
  private void publish(String tenantId, int position) throws Exception {
    publish(tenantId, position, envelope(tenantId, position));
  }

  private void publish(String tenantId, int position, String envelope) throws Exception {
    bridge
        .jetStream()
        .publish(
            "af." + tenantId + ".workflows.w" + position + ".out",
            new Headers().add("AF-Position", Integer.toString(position)),
            envelope.getBytes(StandardCharsets.UTF_8));
  }

  private static String envelope(String tenantId, int position) {
    LogEntry entry =
        new LogEntry(
            position,
            tenantId,
            position,
            UUID.randomUUID(),
            "workflow",
            "w" + position,
            0,
            "workflow.completed",
            1,
            Instant.parse("2026-01-02T03:04:05.000006Z"),
            "{\"actor\":\"ada\"}",
            "{\"result\":\"Größe 42\",\"totalMicroDollars\":35,\"totalTokens\":14}",
            Hash.GENESIS,
            Hash.ofHex("ab".repeat(32)));
    return new String(Envelope.whole(entry, Subject.of(entry)), StandardCharsets.UTF_8);
  }

  private List<String> billedInJava(int wanted) throws Exception {
    List<String> billed = new ArrayList<>();
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    BusPage.follow(
        acme,
        OWN_PREFIX,
        () -> billed.size() < wanted && System.nanoTime() < deadlineNanos,
        message -> billed.add(position(message)));
    return billed;
  }

  private static String position(Message message) {
    return Objects.requireNonNull(message.getHeaders().getFirst("AF-Position"));
  }

  @Test
  void a_tenant_reads_on_in_any_language_where_its_consumer_stands() throws Exception {
    for (int position = 1; position <= 6; position++) {
      publish(position % 2 == 0 ? "globex" : "acme", position);
    }
    assertThat(billedInJava(3)).containsExactly("1", "3", "5");

    publish("globex", 7);
    publish("acme", 8);
    publish("acme", 9);
    assertThat(billedInNode(2)).containsExactly("8", "9");
  }

  private List<String> billedInNode(int wanted) throws IOException, InterruptedException {
    Path output = Files.createTempFile("agentflow-follow", ".txt");
    Process following =
        NodeProgram.start(
            "follow.mjs",
            Map.of("NATS_USER", "acme", "NATS_PASSWORD", "of-acme", "NATS_PREFIX", OWN_PREFIX),
            output,
            "AF_MESSAGES",
            "acme-billing",
            nats.url());
    try {
      long deadlineNanos = System.nanoTime() + SOON.toNanos();
      while (Files.readAllLines(output).size() < wanted && System.nanoTime() < deadlineNanos) {
        assertThat(following.isAlive()).as(Files.readString(output)).isTrue();
        LockSupport.parkNanos(20_000_000);
      }
      return Files.readAllLines(output).stream().map(line -> line.split(" ", 2)[0]).toList();
    } finally {
      following.destroyForcibly().waitFor();
    }
  }

  @Test
  void what_was_altered_is_passed_over() throws Exception {
    publish("acme", 1);
    publish("acme", 2, envelope("acme", 2).replace("ada", "Eve"));
    publish("acme", 3);

    assertThat(billedInJava(2)).containsExactly("1", "3");
  }

  /** Made a second time, in another language, the consumer is the same. */
  @Test
  void a_consumer_is_made_again_without_harm() throws Exception {
    publish("acme", 1);
    assertThat(billedInJava(1)).containsExactly("1");

    Path output = Files.createTempFile("agentflow-make", ".txt");
    Process making =
        NodeProgram.start(
            "make-consumer.mjs",
            Map.of("NATS_USER", "agentflow", "NATS_PASSWORD", "of-the-bridge"),
            output,
            "AF_MESSAGES",
            "acme-billing",
            "af.acme.workflows.*.out",
            nats.url());
    assertThat(making.waitFor()).as(Files.readString(output)).isZero();
    BusPage.make(bridge);

    publish("acme", 2);
    assertThat(billedInJava(1)).containsExactly("2");
  }

  @Test
  void a_tenant_sees_no_other() throws Exception {
    Subscription everything = acme.subscribe(">");
    acme.flush(SOON);
    publish("globex", 1);
    publish("acme", 2);
    Message heard = everything.nextMessage(SOON);
    assertThat(heard.getSubject()).startsWith("af.acme.");
    assertThat(everything.nextMessage(Duration.ofMillis(300))).isNull();

    bridge.jetStreamManagement().addOrUpdateConsumer("AF_MESSAGES", ofGlobex());
    for (String prefix : List.of(OWN_PREFIX, "$JS.API")) {
      assertThatThrownBy(
              () ->
                  acme.jetStream(
                          JetStreamOptions.builder()
                              .prefix(prefix)
                              .requestTimeout(Duration.ofSeconds(2))
                              .build())
                      .subscribe(null, PullSubscribeOptions.bind("AF_MESSAGES", "globex-billing")))
          .isInstanceOfAny(IOException.class, JetStreamApiException.class);
    }
  }

  private static ConsumerConfiguration ofGlobex() {
    return ConsumerConfiguration.builder()
        .durable("globex-billing")
        .filterSubject("af.globex.workflows.*.out")
        .build();
  }

  @Test
  void a_tenant_sends_commands_of_its_own_and_hears_nobodys_tokens() throws Exception {
    bridge
        .createDispatcher(command -> bridge.publish(command.getReplyTo(), new byte[] {'k'}))
        .subscribe("af.*.commands.*");
    bridge.flush(SOON);
    Subscription everything = acme.subscribe("af.>");
    acme.flush(SOON);
    // From within the bridge's account, as of a caller who is no tenant's.
    bridge.publish("af.acme.commands.createWorkflow", "reply", new byte[0]);
    bridge.flush(SOON);
    assertThat(everything.nextMessage(Duration.ofMillis(300))).isNull();
    everything.unsubscribe();

    assertThat(acme.request("af.acme.commands.createWorkflow", new byte[0], SOON))
        .extracting(Message::getData)
        .isEqualTo(new byte[] {'k'});
    Message other = acme.request("af.globex.commands.createWorkflow", new byte[0], SOON);
    assertThat(other == null || other.isStatusMessage()).isTrue();
  }

  /** A request may name any reply subject: what it gets must not land among another's messages. */
  @Test
  void a_tenant_puts_nothing_under_another_tenants_subject() throws Exception {
    publish("acme", 1);
    acme.publish(
        OWN_PREFIX + ".CONSUMER.MSG.NEXT.AF_MESSAGES.acme-billing",
        "af.globex.workflows.w1.out",
        "{\"batch\":1,\"expires\":500000000}".getBytes(StandardCharsets.UTF_8));
    acme.publish("af.globex.workflows.w1.out", new byte[] {'x'});
    acme.flush(SOON);
    LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
    publish("acme", 2);

    assertThat(
            bridge
                .jetStreamManagement()
                .getStreamInfo("AF_MESSAGES")
                .getStreamState()
                .getMsgCount())
        .isEqualTo(2);
  }
}

package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.bridge.Replay.Course;
import io.agentflow.bridge.Replay.Published;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.bridge.testing.NodeProgram;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.testing.TestDatabase;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A consumer that shares no line with us reads what we publish, and comes to the same hashes. */
class ConsumerInNodeIT {

  private TestDatabase database;
  private TenantLog log;
  private NatsServerProcess nats;

  @BeforeEach
  void start() {
    database = TestDatabase.create();
    log = new TenantLog(database.application());
    nats = NatsServerProcess.start();
  }

  @AfterEach
  void stop() {
    database.close();
    nats.close();
  }

  private List<LogEntry> replay(String workflowId, String replayId) throws Exception {
    long seed = new Random().nextLong();
    HostileLog.append(database, workflowId, seed);
    List<LogEntry> entries = log.ofAggregate("acme", workflowId, -1, 1_000);
    try (Bus bus = new Bus(Optional.of(nats.url()));
        Replay replay = new Replay(bus, BridgeSettings.DEFAULT)) {
      Course course = new Course("acme", replayId, null, "digest");
      assertThat(replay.lastTold(course)).isEmpty();
      assertThat(replay.publish(course, entries))
          .as("seed %d", seed)
          .isEqualTo(new Published(entries.getLast().position(), null));
    }
    return entries;
  }

  @Test
  void it_computes_the_hash_of_each_replayed_envelope_by_itself() throws Exception {
    List<LogEntry> entries = replay(UUID.randomUUID().toString(), "r1");

    NodeProgram.Run run =
        NodeProgram.run("replay.mjs", "acme", "r1", Integer.toString(entries.size()), nats.url());

    assertThat(run.lines())
        .containsExactlyElementsOf(
            entries.stream().map(entry -> entry.position() + " intact").toList());
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void it_notices_one_character_that_was_changed() throws Exception {
    List<LogEntry> entries = replay(UUID.randomUUID().toString(), "r1");
    LogEntry last = entries.getLast();
    ObjectNode envelope =
        (ObjectNode)
            CanonicalJson.parse(
                new String(Envelope.whole(last, Subject.of(last)), StandardCharsets.UTF_8));
    Connection connection = Nats.connect(nats.url());
    try {
      connection
          .jetStream()
          .publish(
              Subject.of(last).replayed("r1"),
              new Headers().add("AF-Position", "999"),
              CanonicalJson.canonicalize(envelope.put("from", "Eve"))
                  .getBytes(StandardCharsets.UTF_8));
    } finally {
      connection.close();
    }

    NodeProgram.Run run =
        NodeProgram.run(
            "replay.mjs", "acme", "r1", Integer.toString(entries.size() + 1), nats.url());

    assertThat(run.lines()).endsWith("999 ALTERED").hasSize(entries.size() + 1);
    assertThat(run.exitCode()).isEqualTo(1);
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.agentflow.cli.Bearer;
import io.agentflow.client.Accepted;
import io.agentflow.client.AgentFlowClient;
import io.agentflow.client.Command;
import io.agentflow.client.Event;
import io.agentflow.client.EventQuery;
import io.agentflow.client.EventStream;
import io.agentflow.client.ListPath;
import io.agentflow.client.Refusal;
import io.agentflow.client.Retries;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Java client against a server whose answers are lost, and that dies. */
@Timeout(120)
class ClientIT {

  private static final String WORKFLOWS = "/v1/workflows";
  private static final Retries PATIENT =
      Retries.DEFAULT.attempts(Integer.MAX_VALUE).within(Duration.ofSeconds(90));
  private static final int WRITERS = 4;
  private static final int BEFORE_DEATH = 20;

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = ServerProcess.start(Map.of("AF_EVENT_HEARTBEAT_SECONDS", "1"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static URI uri() {
    return server.bareRequest("/").build().uri().resolve("/");
  }

  private static String token(String tenant) {
    return Bearer.owner(tenant, "tester")
        .token(server.key(), Instant.now(), Bearer.LIFETIME_DEFAULT);
  }

  private static AgentFlowClient client(URI at, String tenant) {
    return AgentFlowClient.of(at).token(token(tenant)).retries(PATIENT).build();
  }

  /** Its id is the server's choice: carried out twice, there would be two. */
  private static Command create() {
    return Command.to(
        WORKFLOWS, JsonNodeFactory.instance.objectNode().put("name", "run").put("intent", "do it"));
  }

  private static List<Long> positionsOf(String tenant) throws SQLException {
    List<Long> positions = new ArrayList<>();
    try (Connection connection = server.connectAsOwner(server.databasePassword());
        PreparedStatement statement =
            connection.prepareStatement(
                "select position from log.events where tenant_id = ? order by position")) {
      statement.setString(1, tenant);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          positions.add(row.getLong(1));
        }
      }
    }
    return positions;
  }

  @Test
  void the_lines_of_the_page_do_what_the_page_says() {
    List<String> told = new ArrayList<>();
    ClientPage.run(uri(), token("page"), told::add);
    assertThat(told)
        .containsExactly(
            "/problems/stale-version",
            "workflow.created",
            "workflow.started",
            "workflow.completed");
  }

  @Test
  void a_command_whose_answer_is_lost_is_carried_out_once_and_answered() throws Exception {
    String tenant = "unheard";
    try (CuttingProxy proxy = new CuttingProxy(uri())) {
      AgentFlowClient client = client(proxy.uri(), tenant);
      assertThat(client.send(create()).replayed()).isFalse();
      AtomicInteger cuts = new AtomicInteger();
      proxy.cutNextAnswer(cuts::incrementAndGet);

      Accepted accepted = client.send(create());

      assertThat(cuts).hasValue(1);
      assertThat(accepted.replayed()).isTrue();
      assertThat(positionsOf(tenant)).hasSize(2).endsWith(accepted.position());
      assertThat(client.get(WORKFLOWS + "/" + accepted.id()).path("name").asText())
          .isEqualTo("run");
    }
  }

  @Test
  void what_a_client_wrote_it_reads_in_lists_of_any_number_of_pages() throws Exception {
    AgentFlowClient client = client(uri(), "writes");
    List<Future<String>> created = new ArrayList<>();
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        created.add(
            writers.submit(
                () -> {
                  String id = client.send(create()).id();
                  assertThat(client.get(WORKFLOWS + "/" + id).path("workflowId").asText())
                      .isEqualTo(id);
                  return id;
                }));
      }
    }
    List<String> ids = new ArrayList<>();
    for (Future<String> one : created) {
      ids.add(one.get());
    }

    List<String> listed = new ArrayList<>();
    for (JsonNode item : client.items(new ListPath(WORKFLOWS).with("limit", "7").toString())) {
      listed.add(item.path("workflowId").asText());
    }
    assertThat(listed).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void a_refusal_of_a_stream_is_told_at_once() {
    AgentFlowClient client = client(uri(), "asks");
    assertThatThrownBy(() -> client.events(EventQuery.fromNow().types("workflow.complete")))
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.is("invalid-field")).isTrue());
  }

  /** Takes what is told, and what is told over restarts, until it is closed. */
  private static FutureTask<List<Long>> reading(EventStream events) {
    FutureTask<List<Long>> reading =
        new FutureTask<>(
            () -> {
              List<Long> positions = new ArrayList<>();
              while (events.hasNext()) {
                Event event = events.next();
                positions.add(event.position());
                if (event.type().equals("workflow.started")) {
                  return positions;
                }
              }
              return positions;
            });
    Thread.ofVirtual().start(reading);
    return reading;
  }

  private static void killAndStartAgain() {
    try (Connection watching = server.connectAsOwner(server.databasePassword())) {
      // Whoever is connected to the database must not keep it from starting again.
      assertThat(watching.isValid(1)).isTrue();
      server.kill();
      Thread.ofVirtual().start(server::startAgain);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void over_the_death_of_the_server_commands_are_carried_out_and_events_told_once()
      throws Exception {
    String tenant = "mortal";
    AgentFlowClient client = client(uri(), tenant);
    AtomicInteger written = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    List<Future<?>> writing = new ArrayList<>();
    try (CuttingProxy proxy = new CuttingProxy(uri());
        EventStream events = client.events(EventQuery.fromNow());
        ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      FutureTask<List<Long>> told = reading(events);
      for (int writer = 0; writer < WRITERS; writer++) {
        writing.add(
            writers.submit(
                () -> {
                  while (!enough.get()) {
                    client.send(create());
                    written.incrementAndGet();
                  }
                }));
      }
      while (written.get() < BEFORE_DEATH) {
        Thread.sleep(1);
      }

      // The server has committed and answered when it dies; the client has not heard it.
      proxy.cutNextAnswer(ClientIT::killAndStartAgain);
      Accepted unheard = client(proxy.uri(), tenant).send(create().under("over-death"));
      int whenBack = written.get();
      while (written.get() < whenBack + WRITERS) {
        Thread.sleep(1);
      }
      enough.set(true);
      for (Future<?> one : writing) {
        one.get(60, TimeUnit.SECONDS);
      }
      client.send(
          Command.to(
              WORKFLOWS + "/" + unheard.id() + "/start", JsonNodeFactory.instance.objectNode()));

      List<Long> log = positionsOf(tenant);
      assertThat(unheard.replayed()).isTrue();
      assertThat(told.get(30, TimeUnit.SECONDS)).isEqualTo(log);
      assertThat(log).as("each command once").hasSize(written.get() + 2);
    }
  }
}

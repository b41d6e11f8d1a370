package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.cli.ExitCode;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Begun;
import io.agentflow.server.ServerProcess.Ran;
import io.nats.client.Connection;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Replays over HTTP and by {@code af}, on a NATS server that is killed and started again. */
class ReplaysIT {

  private static final Duration SOON = Duration.ofSeconds(30);

  /** Each wait is cut at a second: so a message a second. */
  private static final String SLOW = "\"speed\":\"0.001x\"";

  private static NatsServerProcess nats;
  private static ServerProcess server;

  @BeforeAll
  static void start() {
    nats = NatsServerProcess.start();
    server =
        ServerProcess.start(
            Map.of(
                "AF_BUS_URL", nats.url(),
                "AF_REPLAY_WAIT_SECONDS", "1",
                "AF_REPLAYS_UNDER_WAY", "3"));
  }

  @AfterAll
  static void stop() {
    server.close();
    nats.close();
  }

  private static JsonNode json(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return CanonicalJson.parse(answer.body());
  }

  private static JsonNode begin(String tenant, String body) {
    return json(server.post("/v1/replays", body, server.in(tenant)), 202);
  }

  private static String path(JsonNode replay) {
    return "/v1/replays/" + replay.path("replayId").asText();
  }

  private static JsonNode get(String tenant, JsonNode replay) {
    return json(server.get(path(replay), server.in(tenant)), 200);
  }

  private static JsonNode post(String tenant, JsonNode replay, String verb) {
    return json(server.post(path(replay) + "/" + verb, "", server.in(tenant)), 200);
  }

  private static JsonNode awaitEnd(String tenant, JsonNode replay) {
    return json(server.get(path(replay) + "?waitMillis=60000", server.in(tenant)), 200);
  }

  private static JsonNode await(String tenant, JsonNode replay, Predicate<JsonNode> wanted) {
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    while (true) {
      JsonNode state = get(tenant, replay);
      if (wanted.test(state)) {
        return state;
      }
      assertThat(System.nanoTime()).as("in vain: %s", state).isLessThan(deadlineNanos);
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static JsonNode completed(String tenant, String body) {
    JsonNode over = awaitEnd(tenant, begin(tenant, body));
    assertThat(over.path("status").asText()).as("%s", over).isEqualTo("completed");
    assertThat(over.path("messages")).isEqualTo(over.path("total"));
    assertThat(over.path("percent").asInt()).isEqualTo(100);
    assertThat(over.path("secondsLeft").asInt()).isZero();
    return over;
  }

  /** A workflow that has begun, and so many messages, with so much between one and the next. */
  private static String workflow(String tenant, long... pausesMillis) {
    String id =
        json(
                server.post(
                    "/v1/workflows",
                    "{\"name\":\"triage\",\"intent\":\"sort the inbox\"}",
                    server.in(tenant)),
                201)
            .path("id")
            .asText();
    for (int i = 0; i < pausesMillis.length; i++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pausesMillis[i]));
      if (i == 0) {
        json(server.post("/v1/workflows/" + id + "/start", "", server.in(tenant)), 200);
      } else {
        json(
            server.post(
                "/v1/workflows/" + id + "/messages",
                """
                {"messageId":"m%d","role":"user","from":"a","to":"b","content":"number %d"}"""
                    .formatted(i, i),
                server.in(tenant)),
            200);
      }
    }
    return id;
  }

  private static List<JsonNode> history(String tenant, String workflowId) {
    List<JsonNode> items = new ArrayList<>();
    json(server.get("/v1/workflows/" + workflowId + "/history?limit=1000", server.in(tenant)), 200)
        .path("items")
        .forEach(items::add);
    return items;
  }

  private static List<Long> positions(String tenant, String workflowId) {
    return history(tenant, workflowId).stream()
        .map(entry -> entry.path("position").asLong())
        .toList();
  }

  /** All that there is under a subject by now, in the order of the stream. */
  private static List<Message> told(String subject) throws Exception {
    List<Message> messages = new ArrayList<>();
    Connection connection = Nats.connect(nats.url());
    try {
      JetStreamSubscription subscription =
          connection
              .jetStream()
              .subscribe(
                  subject,
                  PushSubscribeOptions.builder().stream("AF_REPLAYS")
                      .configuration(
                          ConsumerConfiguration.builder().deliverPolicy(DeliverPolicy.All).build())
                      .build());
      Message message = subscription.nextMessage(Duration.ofSeconds(1));
      while (message != null) {
        messages.add(message);
        message =
            message.metaData().pendingCount() == 0
                ? null
                : subscription.nextMessage(Duration.ofSeconds(5));
      }
    } finally {
      connection.close();
    }
    return messages;
  }

  private static List<Long> toldPositions(JsonNode replay) throws Exception {
    return told(replay.path("subject").asText()).stream()
        .map(message -> Long.valueOf(message.getHeaders().getFirst("AF-Position")))
        .toList();
  }

  private static String ofWorkflow(String workflowId, String more) {
    return "{\"workflowId\":\"%s\"%s}".formatted(workflowId, more);
  }

  @Test
  void a_history_is_told_again_as_it_was_in_order_and_names_its_replay() throws Exception {
    String workflowId = workflow("acme", 0, 0, 0, 0);
    String replayId = UUID.randomUUID().toString();
    JsonNode replay =
        completed("acme", ofWorkflow(workflowId, ",\"replayId\":\"" + replayId + "\""));

    assertThat(replay.path("subject").asText()).isEqualTo("af.acme.replay." + replayId + ".>");
    List<JsonNode> history = history("acme", workflowId);
    List<Message> told = told(replay.path("subject").asText());
    assertThat(told).hasSize(history.size()).hasSize(5);
    for (int i = 0; i < told.size(); i++) {
      JsonNode entry = history.get(i);
      Message message = told.get(i);
      String body = new String(message.getData(), StandardCharsets.UTF_8);
      JsonNode envelope = CanonicalJson.parse(body);
      assertThat(envelope.path("metadata").path("hash")).isEqualTo(entry.path("hash"));
      assertThat(envelope.path("metadata").path("prev_hash")).isEqualTo(entry.path("prevHash"));
      assertThat(message.getSubject())
          .isEqualTo("af.acme.replay." + replayId + ".workflows." + workflowId + ".out");
      assertThat(message.getHeaders().getFirst("AF-Replay")).isEqualTo(replayId);
      assertThat(message.getHeaders().getFirst("Nats-Msg-Id")).startsWith(replayId + ":");
      String without = body.replaceAll("\"envelope_hash\":\"[0-9a-f]{64}\",", "");
      assertThat(envelope.path("envelope_hash").asText())
          .isEqualTo(Hash.sha256(without.getBytes(StandardCharsets.UTF_8)).hex());
    }

    assertThat(completed("acme", ofWorkflow(workflowId, ",\"replayId\":\"" + replayId + "\"")))
        .isEqualTo(replay);
    assertThat(told(replay.path("subject").asText())).hasSize(5);
    HttpResponse<String> other =
        server.post(
            "/v1/replays",
            "{\"since\":\"1\",\"replayId\":\"" + replayId + "\"}",
            server.in("acme"));
    assertThat(json(other, 409).path("type").asText()).isEqualTo("/problems/conflicting-repeat");
  }

  @Test
  void all_that_a_tenant_did_between_two_moments_is_told_in_its_order_and_nothing_of_others()
      throws Exception {
    workflow("others", 0, 0);
    String first = workflow("many", 0, 0, 0);
    String second = workflow("many", 0, 0);
    workflow("others", 0, 0);
    List<Long> all = new ArrayList<>(positions("many", first));
    all.addAll(positions("many", second));

    assertThat(toldPositions(completed("many", "{\"since\":\"1\"}"))).isEqualTo(all);
    assertThat(
            toldPositions(
                completed(
                    "many",
                    "{\"since\":\"%d\",\"until\":\"%d\"}".formatted(all.get(2), all.get(4)))))
        .isEqualTo(all.subList(2, 5));
    String time = history("many", second).getFirst().path("occurredAt").asText();
    assertThat(time).isNotEmpty();
    assertThat(toldPositions(completed("many", "{\"since\":\"" + time + "\"}")))
        .isEqualTo(positions("many", second));
    assertThat(
            completed("many", "{\"since\":\"1\",\"until\":\"2020-01-01T00:00:00Z\"}")
                .path("total")
                .asInt())
        .isZero();
    assertThat(
            toldPositions(
                completed("many", ofWorkflow(first, ",\"since\":\"" + all.get(2) + "\""))))
        .isEqualTo(all.subList(2, 4));
  }

  @Test
  void a_paused_replay_says_nothing_and_goes_on_behind_its_last_message() throws Exception {
    String workflowId = workflow("acme", 5, 5, 5, 5);
    JsonNode replay = begin("acme", ofWorkflow(workflowId, "," + SLOW));
    await("acme", replay, state -> state.path("messages").asInt() >= 2);

    JsonNode paused = post("acme", replay, "pause");
    assertThat(paused.path("status").asText()).isEqualTo("paused");
    List<Long> before = toldPositions(replay);
    assertThat(before).hasSize(paused.path("messages").asInt());
    TimeUnit.MILLISECONDS.sleep(1_500);
    assertThat(toldPositions(replay)).isEqualTo(before);
    assertThat(get("acme", replay)).isEqualTo(paused);

    assertThat(post("acme", replay, "resume").path("status").asText()).isEqualTo("running");
    assertThat(awaitEnd("acme", replay).path("status").asText()).isEqualTo("completed");
    assertThat(toldPositions(replay)).isEqualTo(positions("acme", workflowId));
    for (String verb : List.of("pause", "resume")) {
      assertThat(
              json(server.post(path(replay) + "/" + verb, "", server.in("acme")), 409)
                  .path("type")
                  .asText())
          .isEqualTo("/problems/wrong-state");
    }
  }

  @Test
  void a_cancelled_replay_ends_where_it_was_and_stays_so() throws Exception {
    String workflowId = workflow("acme", 5, 5, 5, 5);
    String body =
        ofWorkflow(workflowId, "," + SLOW + ",\"replayId\":\"" + UUID.randomUUID() + "\"");
    JsonNode replay = begin("acme", body);
    await("acme", replay, state -> state.path("messages").asInt() >= 1);

    JsonNode cancelled = post("acme", replay, "cancel");
    assertThat(cancelled.path("status").asText()).isEqualTo("cancelled");
    TimeUnit.MILLISECONDS.sleep(1_200);
    assertThat(toldPositions(replay))
        .isEqualTo(positions("acme", workflowId).subList(0, cancelled.path("messages").asInt()));
    assertThat(begin("acme", body)).isEqualTo(cancelled);
    assertThat(post("acme", replay, "cancel")).isEqualTo(cancelled);
    assertThat(server.post(path(replay) + "/resume", "", server.in("acme")).statusCode())
        .isEqualTo(409);
  }

  @Test
  void the_times_between_the_events_lie_between_the_messages_again() throws Exception {
    String workflowId = workflow("timed", 0, 200, 600, 200);
    long recorded =
        Duration.between(time("timed", workflowId, 0), time("timed", workflowId, 4)).toMillis();

    List<Message> original =
        told(
            completed("timed", ofWorkflow(workflowId, ",\"speed\":\"original\""))
                .path("subject")
                .asText());
    assertThat(between(original, 0, 4)).isBetween(recorded * 8 / 10, recorded + 2_000);
    assertThat(between(original, 2, 3)).isGreaterThan(between(original, 1, 2));

    List<Message> faster =
        told(
            completed("timed", ofWorkflow(workflowId, ",\"speed\":\"10x\""))
                .path("subject")
                .asText());
    assertThat(between(faster, 0, 4)).isGreaterThanOrEqualTo(recorded * 8 / 100);
    assertThat(between(faster, 0, 4)).isLessThan(between(original, 0, 4));
  }

  private static java.time.Instant time(String tenant, String workflowId, int index) {
    return java.time.Instant.parse(
        history(tenant, workflowId).get(index).path("occurredAt").asText());
  }

  private static long between(List<Message> messages, int from, int to) {
    return Duration.between(
            messages.get(from).metaData().timestamp(), messages.get(to).metaData().timestamp())
        .toMillis();
  }

  @Test
  void a_subject_of_ones_own_is_within_the_tenants_replays_and_nowhere_else() throws Exception {
    String workflowId = workflow("acme", 0, 0);
    String subject = "af.acme.replay.training";
    JsonNode replay = completed("acme", ofWorkflow(workflowId, ",\"to\":\"" + subject + "\""));

    assertThat(replay.path("subject").asText()).isEqualTo(subject);
    assertThat(toldPositions(replay)).isEqualTo(positions("acme", workflowId));
    for (String foreign :
        List.of("af.acme.workflows." + workflowId + ".out", "af.globex.replay.training")) {
      HttpResponse<String> refused =
          server.post(
              "/v1/replays",
              ofWorkflow(workflowId, ",\"to\":\"" + foreign + "\""),
              server.in("acme"));
      assertThat(json(refused, 422).path("detail").asText()).contains("af.acme.replay.");
    }
  }

  @Test
  void what_no_replay_could_mean_is_refused() {
    for (String body :
        List.of(
            "{}",
            "{\"since\":\"soon\"}",
            "{\"since\":\"1\",\"until\":\"later\"}",
            "{\"since\":\"1\",\"speed\":\"fast\"}",
            "{\"since\":\"1\",\"replayId\":\"mine\"}",
            "{\"since\":\"1\",\"replayId\":\"*\"}",
            "{\"workflowId\":\"wf-1\"}")) {
      assertThat(json(server.post("/v1/replays", body), 422).path("type").asText())
          .as(body)
          .isEqualTo("/problems/invalid-field");
    }
  }

  @Test
  void another_tenant_has_neither_the_workflow_nor_the_replay() throws Exception {
    String workflowId = workflow("acme", 5, 5, 5);
    String replayId = UUID.randomUUID().toString();
    String named = ",\"replayId\":\"" + replayId + "\"";
    JsonNode replay = begin("acme", ofWorkflow(workflowId, "," + SLOW + named));

    assertThat(
            server
                .post("/v1/replays", ofWorkflow(workflowId, ""), server.in("globex"))
                .statusCode())
        .isEqualTo(404);
    assertThat(server.get(path(replay), server.in("globex")).statusCode()).isEqualTo(404);
    for (String verb : List.of("pause", "resume", "cancel")) {
      assertThat(server.post(path(replay) + "/" + verb, "", server.in("globex")).statusCode())
          .isEqualTo(404);
    }
    assertThat(json(server.get("/v1/replays", server.in("globex")), 200).path("items"))
        .noneMatch(item -> item.path("replayId").asText().equals(replayId));
    String theirs = workflow("globex", 0);
    JsonNode same = completed("globex", ofWorkflow(theirs, named));
    assertThat(toldPositions(same)).isEqualTo(positions("globex", theirs));
    assertThat(json(server.get("/v1/replays", server.in("acme")), 200).path("items"))
        .anyMatch(item -> item.path("replayId").asText().equals(replayId));
    post("acme", replay, "cancel");
  }

  @Test
  void a_tenant_has_two_at_once_and_a_node_as_many_as_was_said() {
    String workflowId = workflow("greedy", 5, 5, 5);
    String others = workflow("modest", 5, 5, 5);
    List<JsonNode> begun = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      begun.add(begin("greedy", ofWorkflow(workflowId, "," + SLOW)));
    }
    assertBusy("greedy", workflowId);
    JsonNode third = begin("modest", ofWorkflow(others, "," + SLOW));
    assertBusy("modest", others);
    post("modest", third, "cancel");
    post("greedy", begun.getFirst(), "cancel");
    completed("greedy", ofWorkflow(workflowId, ""));
    post("greedy", begun.getLast(), "cancel");
  }

  private static void assertBusy(String tenant, String workflowId) {
    HttpResponse<String> refused =
        server.post("/v1/replays", ofWorkflow(workflowId, ""), server.in(tenant));
    assertThat(json(refused, 503).path("type").asText()).isEqualTo("/problems/busy");
  }

  @Test
  void an_altered_entry_ends_a_replay_that_names_it_and_does_not_go_out() throws Exception {
    String workflowId = workflow("forged", 0, 0, 0, 0);
    long altered = positions("forged", workflowId).get(3);
    assertThat(
            server.asDatabaseOwner(
                "update log.events set payload = replace(payload, 'number', 'nomber')"
                    + " where position = "
                    + altered))
        .isEqualTo(1);

    JsonNode replay = awaitEnd("forged", begin("forged", ofWorkflow(workflowId, "")));
    assertThat(replay.path("status").asText()).isEqualTo("failed");
    assertThat(replay.path("reason").asText()).contains("entry " + altered + " was altered");
    assertThat(replay.path("messages").asInt()).isEqualTo(3);
    assertThat(toldPositions(replay)).hasSize(3);
  }

  /** The bus dies in the middle, then the node: nothing is told twice, nothing is missing. */
  @Test
  void what_breaks_off_goes_on_behind_its_last_message() throws Exception {
    String workflowId = workflow("broken", 5, 5, 5, 5, 5);
    String body =
        ofWorkflow(workflowId, "," + SLOW + ",\"replayId\":\"" + UUID.randomUUID() + "\"");
    JsonNode replay = begin("broken", body);
    await("broken", replay, state -> state.path("messages").asInt() >= 1);

    nats.kill();
    JsonNode waiting =
        await("broken", replay, state -> state.path("status").asText().equals("waiting"));
    assertThat(waiting.path("reason").asText()).isNotBlank();
    HttpResponse<String> absent =
        server.post("/v1/replays", ofWorkflow(workflowId, ""), server.in("acme"));
    assertThat(absent.statusCode()).isIn(404, 503);
    assertThat(
            json(
                    server.post(
                        "/v1/replays",
                        ofWorkflow(workflowId, ",\"speed\":\"2x\""),
                        server.in("broken")),
                    503)
                .path("type")
                .asText())
        .isEqualTo("/problems/bus-unavailable");
    nats.startAgain();
    int outlasted = waiting.path("messages").asInt() + 1;
    await("broken", replay, state -> state.path("messages").asInt() >= outlasted);

    server.kill();
    List<Long> before = toldPositions(replay);
    server.startAgain();
    HttpResponse<String> unknown = server.get(path(replay), server.in("broken"));
    assertThat(json(unknown, 404).path("detail").asText()).contains("under the same id");
    assertThat(
            json(
                    server.post("/v1/replays", body.replace("0.001x", "max"), server.in("broken")),
                    409)
                .path("type")
                .asText())
        .isEqualTo("/problems/conflicting-repeat");
    JsonNode again = begin("broken", body);
    assertThat(awaitEnd("broken", again).path("status").asText()).isEqualTo("completed");
    List<Long> all = positions("broken", workflowId);
    assertThat(before).isEqualTo(all.subList(0, before.size()));
    assertThat(toldPositions(replay)).isEqualTo(all);
  }

  @Test
  void af_follows_a_replay_and_cancels_it_when_it_is_broken_off() throws Exception {
    String workflowId = workflow("demo", 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5);
    Ran told = server.run("replay", "--tenant", "demo", "--from-position", "1", "--json");
    assertThat(told.exitCode()).as(told.output()).isEqualTo(ExitCode.OK);
    assertThat(told.json().path("status").asText()).isEqualTo("completed");
    assertThat(toldPositions(told.json())).isEqualTo(positions("demo", workflowId));

    Begun followed = server.begin("replay", workflowId, "--tenant", "demo", "--speed", "0.001x");
    JsonNode begun = firstUnderWay("demo");
    followed.process().destroy();
    assertThat(followed.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
    await("demo", begun, state -> state.path("status").asText().equals("cancelled"));
  }

  private static JsonNode firstUnderWay(String tenant) {
    long deadlineNanos = System.nanoTime() + SOON.toNanos();
    while (System.nanoTime() < deadlineNanos) {
      for (JsonNode item : json(server.get("/v1/replays", server.in(tenant)), 200).path("items")) {
        if (item.path("status").asText().equals("running")) {
          return item;
        }
      }
      LockSupport.parkNanos(50_000_000);
    }
    throw new AssertionError("no replay is under way");
  }
}

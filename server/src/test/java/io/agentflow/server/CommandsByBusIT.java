package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.cli.Bearer;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who speaks NATS alone is answered as who speaks HTTP. */
class CommandsByBusIT {

  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(30);
  private static final String WORKFLOW = "{\"name\":\"run\",\"intent\":\"do it\"}";
  private static final Pattern PARAMETER = Pattern.compile("\\{([^}]+)}");

  private static NatsServerProcess nats;
  private static ServerProcess server;
  private static Connection bus;

  @BeforeAll
  static void start() throws Exception {
    nats = NatsServerProcess.start();
    server = ServerProcess.start(Map.of("AF_BUS_URL", nats.url()));
    bus = Nats.connect(Options.builder().server(nats.url()).maxReconnects(-1).build());
  }

  @AfterAll
  static void stop() throws Exception {
    bus.close();
    server.close();
    nats.close();
  }

  private record Answer(int status, Headers headers, String body) {
    JsonNode json() {
      return CanonicalJson.parse(body);
    }
  }

  private static Answer ask(
      String operation, @Nullable String bearer, String body, String... parameters)
      throws Exception {
    return askIn("default", operation, bearer, body, parameters);
  }

  /** Waits for a service that is being started, or comes back. */
  private static Answer askIn(
      String tenant, String operation, @Nullable String bearer, String body, String... parameters)
      throws Exception {
    Headers headers = new Headers();
    if (bearer != null) {
      headers.put("Authorization", bearer);
    }
    for (int i = 0; i < parameters.length; i += 2) {
      headers.put(parameters[i], parameters[i + 1]);
    }
    NatsMessage message =
        NatsMessage.builder()
            .subject("af." + tenant + ".commands." + operation)
            .headers(headers)
            .data(body.getBytes(StandardCharsets.UTF_8))
            .build();
    long deadlineNanos = System.nanoTime() + ANSWERED_WITHIN.toNanos();
    while (System.nanoTime() < deadlineNanos) {
      Message reply = bus.request(message, ANSWERED_WITHIN);
      if (reply != null && !reply.isStatusMessage()) {
        return new Answer(
            Integer.parseInt(reply.getHeaders().getFirst("AF-Status")),
            reply.getHeaders(),
            new String(reply.getData(), StandardCharsets.UTF_8));
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no answer to " + operation);
  }

  private static String owner() {
    return server.bearer(Bearer.owner("default", "tester"));
  }

  @Test
  void a_command_is_answered_as_over_http_and_its_event_is_in_the_log() throws Exception {
    String id = UUID.randomUUID().toString();
    Answer created =
        ask(
            "createWorkflow",
            owner(),
            "{\"workflowId\":\"%s\",\"name\":\"run\",\"intent\":\"do it\"}".formatted(id),
            "X-Correlation-ID",
            "order-7");
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    assertThat(created.json().path("id").asText()).isEqualTo(id);
    assertThat(created.headers().getFirst("ETag")).isEqualTo("\"0\"");
    String position = String.valueOf(created.headers().getFirst("AF-Position"));

    HttpResponse<String> read = server.get("/v1/workflows/" + id, "AF-Consistent-With", position);
    assertThat(read.statusCode()).isEqualTo(200);
    JsonNode event =
        CanonicalJson.parse(server.get("/v1/workflows/" + id + "/history").body())
            .path("items")
            .path(0);
    assertThat(event.toString()).contains("order-7", "tester");

    assertThat(ask("startWorkflow", owner(), "", "AF-Param-workflowId", id).status())
        .isEqualTo(200);
    Answer stale =
        ask(
            "cancelWorkflow",
            owner(),
            "{\"reason\":\"late\"}",
            "AF-Param-workflowId",
            id,
            "If-Match",
            "\"0\"");
    assertThat(stale.status()).isEqualTo(412);
    assertThat(stale.headers().getFirst("Nats-Service-Error-Code")).isEqualTo("412");
    assertThat(stale.json().path("type").asText()).isEqualTo("/problems/stale-version");
  }

  @Test
  void a_key_is_the_same_key_on_either_way() throws Exception {
    String key = UUID.randomUUID().toString();
    Answer first = ask("createWorkflow", owner(), WORKFLOW, "Idempotency-Key", key);
    Answer again = ask("createWorkflow", owner(), WORKFLOW, "idempotency-key", key);
    HttpResponse<String> overHttp = server.post("/v1/workflows", WORKFLOW, "Idempotency-Key", key);
    assertThat(first.status()).isEqualTo(201);
    assertThat(List.of(again.body(), overHttp.body())).containsOnly(first.body());
    assertThat(again.headers().getFirst("Idempotency-Replayed")).isEqualTo("true");
    assertThat(
            ask("createWorkflow", owner(), WORKFLOW.replace("run", "other"), "Idempotency-Key", key)
                .status())
        .isEqualTo(422);
  }

  @Test
  void what_cannot_be_meant_is_refused_and_says_why() throws Exception {
    Answer unknown = ask("dropEverything", owner(), "{}");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.body()).contains("createWorkflow");
    Answer nameless = ask("startWorkflow", owner(), "{}");
    assertThat(nameless.status()).isEqualTo(400);
    assertThat(nameless.body()).contains("AF-Param-workflowId");
    assertThat(ask("createWorkflow", owner(), "{\"name\":").status()).isEqualTo(400);
    assertThat(ask("createWorkflow", owner(), "x".repeat(20_000)).status()).isEqualTo(413);
    assertThat(ask("startWorkflow", owner(), "", "AF-Param-workflowId", "../agents").status())
        .isBetween(400, 404);
  }

  @Test
  void a_token_counts_in_its_own_tenant_alone() throws Exception {
    long before = server.position();
    Answer other = askIn("acme", "createWorkflow", owner(), WORKFLOW);
    assertThat(other.status()).isEqualTo(403);
    assertThat(other.json().path("type").asText()).isEqualTo("/problems/forbidden");
    assertThat(server.position()).isEqualTo(before);
    assertThat(
            askIn("acme", "createWorkflow", server.bearer(Bearer.owner("acme", "a")), WORKFLOW)
                .status())
        .isEqualTo(201);
  }

  /** Every command of the contract: without a token, and by somebody who may only read. */
  @Test
  void each_command_is_refused_to_whom_it_is_refused_over_http() throws Exception {
    String auditor = server.bearer(new Bearer("default", "auditor", List.of("auditor"), null));
    long before = server.position();
    List<String> asked = new ArrayList<>();
    JsonNode paths = CanonicalJson.parse(server.get("/v1/openapi.json").body()).path("paths");
    for (var path : paths.properties()) {
      JsonNode post = path.getValue().path("post");
      if (post.isMissingNode()) {
        continue;
      }
      String id = UUID.randomUUID().toString();
      List<String> parameters = new ArrayList<>();
      PARAMETER
          .matcher(path.getKey())
          .results()
          .forEach(found -> parameters.addAll(List.of("AF-Param-" + found.group(1), id)));
      String url = PARAMETER.matcher(path.getKey()).replaceAll(id);
      for (String bearer : new String[] {null, auditor}) {
        Answer answer =
            ask(post.path("operationId").asText(), bearer, "{}", parameters.toArray(String[]::new));
        var request =
            server
                .bareRequest(url)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}"));
        if (bearer != null) {
          request.header("Authorization", bearer);
        }
        HttpResponse<String> overHttp = server.send(request.build());
        assertThat(answer.status()).as(path.getKey()).isEqualTo(overHttp.statusCode());
        assertThat(answer.json()).as(path.getKey()).isEqualTo(CanonicalJson.parse(overHttp.body()));
      }
      asked.add(path.getKey());
    }
    assertThat(asked).hasSizeGreaterThan(50);
    assertThat(server.position()).isEqualTo(before);
  }

  @Test
  void a_worker_lives_on_nats_alone() throws Exception {
    String agentId = UUID.randomUUID().toString();
    String workflowId = UUID.randomUUID().toString();
    Answer registered =
        ask(
            "registerAgent",
            owner(),
            "{\"agentId\":\"%s\",\"name\":\"%s\",\"role\":\"r\",\"tools\":[\"x\"]}"
                .formatted(agentId, agentId));
    assertThat(registered.status()).as(registered.body()).isEqualTo(201);
    Answer launched =
        ask(
            "launchWorkflow",
            owner(),
            """
            {"workflow":{"workflowId":"%s","name":"run","intent":"do it"},
             "plan":{"autonomy":"full_auto","steps":[
               {"id":"one","kind":"tool","tool":"x","agentId":"%s","input":"i"},
               {"id":"two","kind":"tool","tool":"x","agentId":"%s","input":"i","needs":["one"]}]}}
            """
                .formatted(workflowId, agentId, agentId));
    assertThat(launched.status()).as(launched.body()).isEqualTo(201);

    String self = server.bearer(Bearer.agent("default", agentId));
    for (String step : List.of("one", "two")) {
      Answer taken =
          ask("takeLeases", self, "{\"max\":1,\"waitMillis\":10000}", "AF-Param-agentId", agentId);
      JsonNode lease = taken.json().path("leases").path(0);
      assertThat(lease.path("stepId").asText()).as(taken.body()).isEqualTo(step);
      ObjectNode answer = CanonicalJson.parse("{\"answers\":[{}]}").deepCopy();
      ((ObjectNode) answer.path("answers").path(0))
          .put("workflowId", workflowId)
          .put("stepId", step)
          .put("leaseToken", lease.path("leaseToken").asText())
          .put("result", "done");
      Answer answered = ask("answerSteps", self, answer.toString(), "AF-Param-agentId", agentId);
      assertThat(answered.status()).as(answered.body()).isEqualTo(200);
    }
    assertThat(
            CanonicalJson.parse(
                    server
                        .get(
                            "/v1/workflows/" + workflowId,
                            "AF-Consistent-With",
                            Long.toString(server.position()))
                        .body())
                .path("status")
                .asText())
        .isEqualTo("completed");
    assertThat(
            ask("takeLeases", self, "{\"max\":1}", "AF-Param-agentId", UUID.randomUUID().toString())
                .status())
        .as("as another agent")
        .isEqualTo(403);
  }

  @Test
  void it_goes_on_when_the_bus_is_back() throws Exception {
    assertThat(ask("createWorkflow", owner(), WORKFLOW).status()).isEqualTo(201);
    nats.kill();
    nats.startAgain();
    assertThat(ask("createWorkflow", owner(), WORKFLOW).status()).isEqualTo(201);
  }
}

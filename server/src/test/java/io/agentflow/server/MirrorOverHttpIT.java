package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The mirror as its steward looks after it, also when the server is killed meanwhile. */
class MirrorOverHttpIT {

  private static final Path RECORDED = Path.of("../../shared/data/agent-runs/airline-gpt-4o.jsonl");
  private static final String STREAM = "AF_MESSAGES";

  private static NatsServerProcess nats;
  private static ServerProcess server;
  private static Connection connection;
  private static long early = 20;

  @BeforeAll
  static void start() throws Exception {
    nats = NatsServerProcess.start();
    server = ServerProcess.start(Map.of("AF_BUS_URL", nats.url()));
    ServerProcess.Ran imported = server.run("runs", "import", RECORDED.toString());
    assertThat(imported.exitCode()).as(imported.output()).isZero();
    server.awaitPublished();
    connection = Nats.connect(nats.url());
  }

  @AfterAll
  static void stop() throws Exception {
    connection.close();
    server.close();
    nats.close();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return CanonicalJson.parse(answer.body());
  }

  private static JsonNode verification() {
    HttpResponse<String> answer = server.get("/v1/bridge/verification");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer);
  }

  private static JsonNode stream(JsonNode all, String name) {
    for (JsonNode stream : all.path("streams")) {
      if (stream.path("name").asText().equals(name)) {
        return stream;
      }
    }
    throw new AssertionError(name + " is not in " + all);
  }

  /** One that was not deleted before; what is behind it comes to stand elsewhere. */
  private static void deleteEarly() throws Exception {
    assertThat(connection.jetStreamManagement().deleteMessage(STREAM, early--)).isTrue();
  }

  @Test
  void a_steward_verifies_and_repairs_by_the_command_line() throws Exception {
    ServerProcess.Ran exact = server.run("bridge", "verify");
    assertThat(exact.exitCode()).as(exact.output()).isZero();
    assertThat(exact.output()).contains("AF_MESSAGES", "AF_TOOLS", "AF_SYSTEM", "exact");

    deleteEarly();
    connection
        .jetStream()
        .publish("af.default.tools.calls", "forged".getBytes(StandardCharsets.UTF_8));
    ServerProcess.Ran found = server.run("bridge", "verify", "--json");
    assertThat(found.exitCode()).as(found.output()).isEqualTo(1);
    assertThat(stream(found.json(), STREAM).path("missing").asLong()).isEqualTo(1);
    assertThat(stream(found.json(), "AF_TOOLS").path("foreign").asLong()).isEqualTo(1);
    assertThat(server.run("bridge", "verify").output()).contains("NOT EXACT", "MISSING", "FOREIGN");

    ServerProcess.Ran repaired = server.run("bridge", "repair");
    assertThat(repaired.exitCode()).as(repaired.output()).isZero();
    assertThat(verification().path("exact").asBoolean()).isTrue();
    ServerProcess.Ran status = server.run("bridge", "status");
    assertThat(status.exitCode()).as(status.output()).isZero();
    assertThat(status.output()).contains("AF_MESSAGES", "PUBLISHING");
  }

  /** Lines of progress, and then the same answer. */
  @Test
  void a_verification_tells_how_far_it_is() {
    HttpResponse<String> lines =
        server.get("/v1/bridge/verification", "Accept", "application/x-ndjson");
    assertThat(lines.statusCode()).isEqualTo(200);
    List<String> told = lines.body().lines().toList();
    assertThat(told.getFirst()).contains("progress");
    assertThat(told.getLast()).contains("verification");
    assertThat(server.get("/v1/bridge/verification?stream=AF_NONE").statusCode()).isEqualTo(422);
    assertThat(server.get("/v1/bridge/verification?examples=1001").statusCode()).isEqualTo(422);
    assertThat(server.get("/v1/bridge/repairs/none").statusCode()).isEqualTo(404);
  }

  /** As {@code kill -9} does it, in the midst of each of the steps that change something. */
  @Test
  void a_repair_whose_server_is_killed_is_made_good_by_the_next() throws Exception {
    for (String phase : List.of("removing", "putting in place")) {
      deleteEarly();
      HttpResponse<String> begun = server.post("/v1/bridge/repairs", "{}");
      assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
      String path = "/v1/bridge/repairs/" + json(begun).path("id").asText();
      JsonNode standing = json(begun);
      while (standing.path("status").asText().equals("RUNNING")
          && !stream(standing, STREAM).path("phase").asText().equals(phase)) {
        standing = json(server.get(path));
      }
      server.kill();
      server.startAgain();
      assertThat(server.post("/v1/workflows", "{\"name\":\"n\",\"intent\":\"i\"}").statusCode())
          .isEqualTo(201);
      ServerProcess.Ran repaired = server.run("bridge", "repair", "--json");
      assertThat(repaired.exitCode()).as(repaired.output()).isZero();
      assertThat(verification().path("exact").asBoolean()).as(phase).isTrue();
    }
  }
}

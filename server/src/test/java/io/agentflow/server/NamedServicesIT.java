package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.bridge.testing.NatsServerProcess;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The same jar on services that are named, and without a bus. */
class NamedServicesIT {

  private static final String WORKFLOW = "{\"name\":\"run\",\"intent\":\"do it\"}";

  @Test
  void a_named_database_and_bus_are_used_and_none_is_started() throws Exception {
    try (ServerProcess owner = ServerProcess.start();
        NatsServerProcess nats = NatsServerProcess.start()) {
      owner.asDatabaseOwner("create database named");
      String database =
          "postgresql://postgres:%s@localhost:%s/named"
              .formatted(owner.databasePassword(), owner.databasePort());
      try (ServerProcess server =
          ServerProcess.start(Map.of("AF_DATABASE_URL", database, "AF_BUS_URL", nats.url()))) {
        assertThat(server.post("/v1/workflows", WORKFLOW).statusCode()).isEqualTo(201);
        assertThat(server.awaitPublished()).isEqualTo(1);
        assertThat(Files.exists(server.home().resolve(".agentflow/postgres"))).isFalse();
        assertThat(Files.exists(server.home().resolve(".agentflow/nats"))).isFalse();
        assertThat(Files.readString(server.home().resolve("up.log")))
            .doesNotContain(owner.databasePassword());
      }
      assertThat(owner.position()).as("the other database is untouched").isZero();
    }
  }

  @Test
  void without_a_bus_everything_but_the_bus_works_and_says_how_to_give_it_one() throws Exception {
    try (ServerProcess server = ServerProcess.start(Map.of("PATH", "/usr/bin:/bin"))) {
      HttpResponse<String> created = server.post("/v1/workflows", WORKFLOW);
      assertThat(created.statusCode()).isEqualTo(201);

      JsonNode bridge = server.status().path("bridge");
      assertThat(bridge.path("state").asText()).isEqualTo("WAITING");
      assertThat(bridge.path("detail").asText()).contains("AF_BUS_URL");
      HttpResponse<String> replay =
          server.post(
              "/v1/replays",
              "{\"workflowId\":\"%s\"}"
                  .formatted(CanonicalJson.parse(created.body()).path("id").asText()));
      assertThat(replay.statusCode()).isEqualTo(503);
      assertThat(replay.body()).contains("/problems/bus-unavailable");
      assertThat(Files.readString(server.home().resolve("up.log")))
          .contains("the bridge waits", "./dev setup");
      assertThat(server.run("audit", "verify").exitCode()).isZero();
    }
  }

  @Test
  void a_setting_that_cannot_be_used_is_named() {
    try (ServerProcess server = ServerProcess.start()) {
      ServerProcess.Ran port = server.run("up", "--port", "http");
      assertThat(port.exitCode()).isEqualTo(2);
      assertThat(port.output()).contains("--port");
    }
  }
}

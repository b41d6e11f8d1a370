package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.cli.Bearer;
import io.agentflow.cli.DevelopmentKey;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server without an issuer: for the owner of this machine, and not without a token either. */
class DevelopmentAccessIT {

  private static final Duration HOUR = Duration.ofHours(1);

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> status(String token) {
    return server.get("/v1/status", "Authorization", "Bearer " + token);
  }

  private static String detail(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body()).path("detail").asText();
  }

  @Test
  void af_prints_a_token_for_curl() {
    String viewer = server.run("token", "--tenant", "demo", "--role", "viewer").output().strip();
    assertThat(status(viewer).statusCode()).isEqualTo(200);
    assertThat(
            server
                .post(
                    "/v1/workflows",
                    "{\"name\":\"x\",\"intent\":\"y\"}",
                    "Authorization",
                    "Bearer " + viewer)
                .statusCode())
        .isEqualTo(403);

    String ada = server.run("token", "--tenant", "demo", "--actor", "ada").output().strip();
    HttpResponse<String> created =
        server.post(
            "/v1/workflows", "{\"name\":\"x\",\"intent\":\"y\"}", "Authorization", "Bearer " + ada);
    JsonNode history =
        CanonicalJson.parse(
            server
                .get(
                    "/v1/workflows/%s/history"
                        .formatted(CanonicalJson.parse(created.body()).path("id").asText()),
                    "Authorization",
                    "Bearer " + viewer)
                .body());
    assertThat(history.path("items").path(0).path("metadata").path("actor").asText())
        .isEqualTo("ada");
  }

  @Test
  void a_token_of_af_lasts_as_long_as_it_is_told_and_a_day_at_most() {
    assertThat(server.run("token", "--minutes", "1440").exitCode()).isZero();
    assertThat(server.run("token", "--minutes", "1441").exitCode()).isEqualTo(2);
    assertThat(server.run("token", "--minutes", "0").exitCode()).isEqualTo(2);
  }

  @Test
  void a_token_that_has_run_out_is_refused() {
    Bearer owner = Bearer.owner("default", "ada");
    String late = owner.token(server.key(), Instant.now().minus(HOUR.multipliedBy(2)), HOUR);
    HttpResponse<String> response = status(late);
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(detail(response)).startsWith("the token has run out; ").contains("af token");
  }

  @Test
  void a_token_of_another_machine_is_refused() {
    Bearer owner = Bearer.owner("default", "ada");
    HttpResponse<String> response =
        status(owner.token(DevelopmentKey.generate(), Instant.now(), HOUR));
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(detail(response)).startsWith("this server does not trust the token; ");
  }

  @Test
  void without_a_token_nothing_is_done() {
    HttpResponse<String> response = server.send(server.bareRequest("/v1/workflows").build());
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(detail(response)).contains("af token", "AF_HOME");
    assertThat(server.send(server.bareRequest("/v1/health").build()).statusCode()).isEqualTo(200);
  }

  @Test
  void a_page_is_refused_whatever_token_it_has() {
    for (String path : List.of("/v1/status", "/v1/health")) {
      HttpResponse<String> response =
          server.send(server.request(path).header("Origin", "http://localhost:3000").build());
      assertThat(response.statusCode()).isEqualTo(403);
      assertThat(CanonicalJson.parse(response.body()).path("type").asText())
          .isEqualTo("/problems/not-local");
    }
  }

  @Test
  void an_agents_token_is_made_by_af_as_well() {
    String token = server.run("token", "--agent", "a1").output().strip();
    assertThat(status(token).statusCode()).isEqualTo(403);
    assertThat(server.get("/v1/agents/a1", "Authorization", "Bearer " + token).statusCode())
        .as("it is let through, and there is no such agent")
        .isEqualTo(404);
    assertThat(server.run("token", "--agent", "a1", "--role", "admin").exitCode()).isEqualTo(2);
  }

  @Test
  void the_key_is_for_its_owner_alone_and_stays_the_same() throws Exception {
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(
                    server.home().resolve(".agentflow").resolve(DevelopmentKey.FILE))))
        .isEqualTo("rw-------");
    String token = server.run("token").output().strip();
    server.stop();
    server.startAgain();
    assertThat(status(token).statusCode()).isEqualTo(200);
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Begun;
import io.agentflow.server.ServerProcess.Ran;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verification and export over HTTP and by the command line; a second server's log is broken. */
class AuditIT {

  private static final String LINES = "application/x-ndjson";
  private static final Path SAMPLE = Path.of("../samples/support-runs.jsonl");

  private static ServerProcess server;
  private static long entries;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
    Ran imported = server.run("runs", "import", SAMPLE.toString(), "--tenant", "acme");
    assertThat(imported.exitCode()).as(imported.output()).isZero();
    assertThat(server.post("/v1/workflows", "{\"name\":\"n\",\"intent\":\"i\"}").statusCode())
        .isEqualTo(201);
    entries = server.position();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static List<JsonNode> lines(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith(LINES);
    return response.body().lines().map(CanonicalJson::parse).toList();
  }

  @Test
  void a_verification_is_one_object_to_who_asks_for_json_or_for_anything() {
    for (String accepted : List.of("application/json", "*/*")) {
      HttpResponse<String> response = server.get("/v1/audit/verification", "Accept", accepted);
      assertThat(response.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("application/json");
      JsonNode verification = CanonicalJson.parse(response.body());
      assertThat(verification.path("valid").asBoolean()).isTrue();
      assertThat(verification.path("entries").asLong()).isEqualTo(entries);
      assertThat(verification.path("tenants")).hasSize(2);
      assertThat(verification.has("durationMs")).isTrue();
      assertThat(verification.has("entriesPerSecond")).isTrue();
    }
  }

  @Test
  void a_verification_tells_its_progress_to_who_asks_for_lines() {
    List<JsonNode> lines = lines(server.get("/v1/audit/verification", "Accept", LINES));
    assertThat(lines).hasSizeGreaterThanOrEqualTo(2);
    JsonNode progress = lines.getFirst().path("progress");
    assertThat(progress.path("total").asLong()).isEqualTo(entries);
    assertThat(progress.path("entries").asLong()).isPositive();
    assertThat(lines.getLast().path("verification").path("valid").asBoolean()).isTrue();

    HttpResponse<String> unknown =
        server.get("/v1/audit/verification?tenant=nobody", "Accept", LINES);
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(CanonicalJson.parse(unknown.body()).path("type").asText())
        .isEqualTo("/problems/not-found");
  }

  @Test
  void an_export_says_what_the_log_says() {
    List<JsonNode> lines = lines(server.get("/v1/audit/export"));
    assertThat(lines).hasSize((int) (1 + 2 + entries));
    assertThat(lines.getFirst().path("entries").asLong()).isEqualTo(entries);
    assertThat(lines.getLast().path("record").path("tenantId").asText()).isEqualTo("default");

    List<JsonNode> one = lines(server.get("/v1/audit/export?tenant=default", "Accept", LINES));
    assertThat(one.getFirst().path("tenant").asText()).isEqualTo("default");
    assertThat(one).hasSize(1 + 1 + 1);
    assertThat(server.get("/v1/audit/export?tenant=nobody").statusCode()).isEqualTo(404);
    assertThat(server.get("/v1/audit/export", "Accept", "text/plain").statusCode()).isEqualTo(406);
  }

  @Test
  void what_was_exported_is_verified_without_the_server() throws Exception {
    Path file = folder.resolve("log.ndjson");
    Ran exported = server.run("audit", "export", "-o", file.toString());
    assertThat(exported.exitCode()).as(exported.output()).isZero();
    Ran toStdout = server.run("audit", "export");
    assertThat(toStdout.output()).isEqualTo(Files.readString(file));

    String nowhere = "--server=http://127.0.0.1:1";
    Ran verified = server.run("audit", "verify", "--json", nowhere, "--file", file.toString());
    assertThat(verified.exitCode()).as(verified.output()).isZero();
    assertThat(verified.json().path("entries").asLong()).isEqualTo(entries);

    Files.writeString(
        file, Files.readString(file).replaceFirst("\"sequenceNumber\":3", "\"sequenceNumber\":4"));
    assertThat(server.run("audit", "verify", nowhere, "--file", file.toString()).exitCode())
        .isEqualTo(1);
    Files.writeString(file, Files.readString(file).substring(0, 5_000));
    assertThat(server.run("audit", "verify", nowhere, "--file", file.toString()).exitCode())
        .isEqualTo(6);
  }

  @Test
  void many_who_ask_at_once_are_all_answered() {
    List<Begun> begun = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      begun.add(server.begin("audit", "verify"));
    }
    for (Begun one : begun) {
      Ran ran = ServerProcess.result(one);
      assertThat(ran.exitCode()).as(ran.output()).isZero();
    }
  }

  @Test
  void a_log_that_cannot_be_exported_says_so_in_its_last_line() throws SQLException {
    try (ServerProcess broken = ServerProcess.start()) {
      broken.run("runs", "import", SAMPLE.toString(), "--tenant", "acme");
      long position = broken.position() / 2;
      broken.asDatabaseOwner(
          "update log.events set payload = E'{\\n}' where position = " + position);
      List<JsonNode> lines = lines(broken.get("/v1/audit/export"));
      JsonNode problem = lines.getLast().path("problem");
      assertThat(problem.path("type").asText()).isEqualTo("/problems/broken-log");
      assertThat(problem.path("detail").asText()).contains("tenant acme");
      Path file = folder.resolve("log.ndjson");
      assertThat(broken.run("audit", "export", "-o", file.toString()).exitCode()).isEqualTo(4);
      assertThat(file).doesNotExist();
      assertThat(broken.run("audit", "verify").exitCode()).isEqualTo(1);
    }
  }
}

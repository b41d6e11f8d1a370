package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Begun;
import io.agentflow.server.ServerProcess.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the command line through HTTP, log and tables to NATS, and back to the verifier. */
class EndToEndIT {

  private static final Path SAMPLE = Path.of("../samples/support-runs.jsonl");
  private static final int RUNS_TO_KILL = 40;
  private static final Path RECORDED = Path.of("../../shared/data/agent-runs/airline-gpt-4o.jsonl");

  private ServerProcess server;

  @BeforeEach
  void start() throws IOException {
    server = ServerProcess.startOnAnyPort();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Ran importFile(Path file, String tenant) {
    return server.run("runs", "import", file.toString(), "--tenant", tenant, "--json");
  }

  @Test
  void the_shipped_sample_goes_all_the_way() throws Exception {
    assertGoesAllTheWay(SAMPLE, 8);
  }

  @Test
  void a_hundred_real_runs_go_all_the_way() throws Exception {
    assumeTrue(
        Files.exists(RECORDED), "SKIPPED: the recorded runs are not at " + RECORDED.normalize());
    assertGoesAllTheWay(RECORDED, 100);
  }

  private void assertGoesAllTheWay(Path file, int runs) throws Exception {
    Ran imported = importFile(file, "acme");
    assertThat(imported.exitCode()).as(imported.output()).isZero();
    assertThat(imported.json().path("imported").asInt()).isEqualTo(runs);
    long events = server.position();
    long openingsOfSlices = runs;
    long alarmsOfSlices = 3L * runs; // Each is used up: 80 %, 100 %, exhausted.
    assertThat(events)
        .isEqualTo(imported.json().path("commands").asLong() + openingsOfSlices + alarmsOfSlices);

    assertThat(server.run("audit", "verify").exitCode()).isZero();
    assertThat(server.awaitPublished()).isEqualTo(events);

    Ran again = importFile(file, "acme");
    assertThat(again.exitCode()).isZero();
    assertThat(again.json().path("alreadyImported").asInt()).isEqualTo(runs);
    assertThat(server.position()).as("nothing is recorded twice").isEqualTo(events);

    JsonNode budget =
        server.run("budgets", "list", "--tenant", "acme", "--limit", "500", "--json").json();
    long spent = 0;
    for (JsonNode slice : budget.path("items")) {
      spent += slice.path("spentMicroDollars").asLong();
    }
    assertThat(spent).isEqualTo(imported.json().path("microDollars").asLong());

    assertTamperingIsFound(events / 2);
  }

  private void assertTamperingIsFound(long position) throws Exception {
    assertThat(
            server.asDatabaseOwner(
                """
                update log.events
                set payload = overlay(payload placing 'X' from length(payload) - 3 for 1)
                where position = %d
                """
                    .formatted(position)))
        .isEqualTo(1);
    Ran verify = server.run("audit", "verify", "--json");
    assertThat(verify.exitCode()).isEqualTo(1);
    JsonNode finding = verify.json().path("tenants").path(0).path("finding");
    assertThat(finding.path("position").asLong()).isEqualTo(position);
    assertThat(finding.path("kind").asText()).isEqualTo("ALTERED_ENTRY");
    assertThat(server.run("audit", "verify").output()).contains("is broken at entry " + position);
  }

  /** The server dies in the middle of an import, with no chance to say good-bye. */
  @Test
  void killed_in_the_middle_of_an_import_nothing_is_lost_or_doubled(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("some.jsonl");
    List<String> runs = Files.readAllLines(Files.exists(RECORDED) ? RECORDED : SAMPLE);
    Files.write(file, runs.subList(0, Math.min(RUNS_TO_KILL, runs.size())));
    long killAt = Files.exists(RECORDED) ? 300 : 40;
    Begun interrupted = server.begin("runs", "import", file.toString(), "--tenant", "acme");
    while (server.position() < killAt) {
      LockSupport.parkNanos(5_000_000);
    }
    server.kill();
    assertThat(ServerProcess.result(interrupted).exitCode()).isEqualTo(3);

    server.startAgain();
    assertThat(server.position()).isGreaterThanOrEqualTo(killAt);
    assertThat(server.run("audit", "verify").exitCode()).isZero();

    assertThat(importFile(file, "acme").exitCode()).isZero();
    assertThat(importFile(file, "undisturbed").exitCode()).isZero();
    JsonNode chains = server.run("audit", "verify", "--json").json();
    assertThat(chains.path("valid").asBoolean()).isTrue();
    assertThat(chains.path("tenants").path(0).path("entries").asLong())
        .as("as many events as of an import that nothing disturbed")
        .isEqualTo(chains.path("tenants").path(1).path("entries").asLong());
    assertThat(server.awaitPublished()).isEqualTo(server.position());
  }

  @Test
  void a_second_start_finds_the_data_again_and_a_second_server_is_refused() throws Exception {
    importFile(SAMPLE, "acme");
    long events = server.position();

    Ran second = server.run("up");
    assertThat(second.exitCode()).isEqualTo(5);
    assertThat(second.output()).contains("already runs");

    server.stop();
    assertThat(ProcessHandle.allProcesses().map(EndToEndIT::commandLine))
        .as("Ctrl-C stops everything")
        .noneMatch(line -> line.contains(server.home().toString()));
    server.startAgain();
    assertThat(server.position()).isEqualTo(events);
    assertThat(server.awaitPublished()).isEqualTo(events);
  }

  /** Everything but the log can be thrown away. */
  @Test
  void dropped_tables_are_built_again_from_the_log_and_nothing_is_published_twice()
      throws Exception {
    importFile(SAMPLE, "acme");
    long events = server.awaitPublished();
    String[] lists = {"workflows", "agents", "budgets"};
    Map<String, JsonNode> before = new HashMap<>();
    for (String list : lists) {
      before.put(list, rows(list, events));
    }

    server.asDatabaseOwner("drop schema views cascade");
    server.stop();
    server.startAgain();

    for (String list : lists) {
      assertThat(rows(list, events)).as(list).isEqualTo(before.get(list));
    }
    assertThat(server.awaitPublished()).isEqualTo(events);
  }

  private JsonNode rows(String list, long position) {
    JsonNode rows =
        CanonicalJson.parse(
            server
                .get(
                    "/v1/" + list + "?limit=500",
                    "Authorization",
                    server.bearer("acme", "tester"),
                    "AF-Consistent-With",
                    Long.toString(position))
                .body());
    assertThat(rows.path("items")).isNotEmpty();
    return rows;
  }

  @Test
  void the_embedded_database_lets_nobody_in_without_its_password() throws Exception {
    assertThatThrownBy(() -> server.connectAsOwner("guess"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(
                    server.home().resolve(".agentflow/postgres.password"))))
        .isEqualTo("rw-------");
  }

  private static String commandLine(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }

  @Test
  void a_line_that_is_no_run_is_named_and_the_rest_is_imported() throws Exception {
    Path file = Files.createTempFile("runs", ".jsonl");
    String sample = Files.readString(SAMPLE);
    Files.writeString(
        file,
        "\uFEFF" + sample.lines().findFirst().orElseThrow() + "\r\n\nnot json\n{\"task_id\":1}\n");

    Ran imported = importFile(file, "acme");
    assertThat(imported.exitCode()).isEqualTo(1);
    assertThat(imported.json().path("imported").asInt()).isEqualTo(1);
    assertThat(imported.json().path("skipped").findValuesAsText("line")).containsExactly("3", "4");
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.cli.ExitCode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Ran;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recorded runs and a planned workflow, judged by other rules over HTTP and by {@code af}. */
class WhatIfIT {

  private static final Path SAMPLE = Path.of("../samples/support-runs.jsonl");
  private static final Path RECORDED = Path.of("../../shared/data/agent-runs/airline-gpt-4o.jsonl");
  private static final Path DOCS = Path.of("../docs/histories.md");
  private static final int RUNS = 40;
  private static final String PLAN =
      """
      {"autonomy":"risk_based","steps":[
        {"id":"read","kind":"tool","tool":"mail","input":"x",
         "estimate":{"tokens":100,"microDollars":100}},
        {"id":"pay","kind":"tool","tool":"bank","needs":["read"],"risk":"high","input":"x",
         "estimate":{"tokens":100,"microDollars":100}}]}""";

  private static ServerProcess server;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void importRuns(Path file, String tenant) {
    Ran imported = server.run("runs", "import", file.toString(), "--tenant", tenant);
    assertThat(imported.exitCode()).as(imported.output()).isZero();
  }

  private static JsonNode json(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return CanonicalJson.parse(answer.body());
  }

  private static String ask(String tenant, String parameters, String body) {
    return json(server.post("/v1/what-ifs" + parameters, body, server.in(tenant)), 202)
        .path("id")
        .asText();
  }

  /** The document, when it is there. */
  private static String result(String tenant, String body) {
    String path = "/v1/what-ifs/" + ask(tenant, "", body);
    JsonNode state = json(server.get(path + "?waitMillis=60000", server.in(tenant)), 200);
    assertThat(state.path("status").asText()).as("%s", state).isEqualTo("completed");
    assertThat(state.path("done")).isEqualTo(state.path("total"));
    return server.get(path + "/result", server.in(tenant)).body();
  }

  private static String all(String rule) {
    return "{\"rule\":%s,\"since\":\"1\"}".formatted(rule);
  }

  private static List<String> kinds(JsonNode document) {
    List<String> told = new ArrayList<>();
    for (JsonNode workflow : document.path("workflows")) {
      for (JsonNode difference : workflow.path("differences")) {
        told.add(
            "%s %s %s->%s"
                .formatted(
                    difference.path("kind").asText(),
                    difference.path("subject").asText(),
                    difference.path("recorded").asText(),
                    difference.path("underRule").asText()));
      }
    }
    return told;
  }

  @Test
  void two_what_ifs_over_recorded_runs_give_identical_bytes_and_append_nothing()
      throws IOException {
    assumeTrue(
        Files.exists(RECORDED), "SKIPPED: the recorded runs are not at " + RECORDED.normalize());
    Path some = folder.resolve("runs.jsonl");
    try (Stream<String> lines = Files.lines(RECORDED)) {
      Files.write(some, lines.limit(RUNS).toList());
    }
    importRuns(some, "airline");
    String rule =
        """
        {"autonomy":"approve_all","policy":{"deniedTools":["cancel_reservation"]},
         "prices":{"others":3000000},"budget":{"tokens":3000}}""";
    long before = server.position();

    String first = result("airline", all(rule));
    String second = result("airline", all(rule));

    assertThat(first).isEqualTo(second).isEqualTo(CanonicalJson.canonicalize(first));
    assertThat(server.position()).isEqualTo(before);
    JsonNode totals = CanonicalJson.parse(first).path("totals");
    assertThat(totals.path("runs").asInt()).isEqualTo(RUNS);
    assertThat(totals.path("differences").path("tool_call").asInt()).isPositive();
    assertThat(totals.path("differences").path("spending").asInt()).isPositive();
    assertThat(totals.path("cost").path("tokens").asLong())
        .isLessThan(totals.path("recordedCost").path("tokens").asLong());

    JsonNode nothing = CanonicalJson.parse(result("airline", all("{}")));
    assertThat(nothing.path("workflows")).isEmpty();
    assertThat(nothing.path("totals").path("recordedCost")).isEqualTo(totals.path("recordedCost"));
    assertThat(nothing.path("totals").path("cost")).isEqualTo(totals.path("recordedCost"));
  }

  @Test
  void the_example_of_the_docs_is_answered_as_they_say() throws IOException {
    importRuns(SAMPLE, "docs");
    String page = Files.readString(DOCS);
    List<String> yaml =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .map((MatchResult block) -> block.group(1))
            .toList();
    assertThat(yaml).hasSize(2);
    Path policy = Files.writeString(folder.resolve("policy.yaml"), yaml.getFirst());
    Path prices = Files.writeString(folder.resolve("prices.yaml"), yaml.getLast());
    assertThat(page)
        .contains(
            "what-if --since 1 --policy policy.yaml --prices prices.yaml --budget tokens=230");

    List<String> asked =
        List.of(
            "workflows",
            "what-if",
            "--tenant",
            "docs",
            "--since",
            "1",
            "--policy",
            policy.toString(),
            "--prices",
            prices.toString(),
            "--budget",
            "tokens=230");
    Ran shown = server.run(asked.toArray(String[]::new));

    assertThat(shown.exitCode()).as(shown.output()).isEqualTo(ExitCode.OK);
    List<String> told = shown.output().lines().limit(4).toList();
    assertThat(told.getFirst()).startsWith("8 runs: ");
    assertThat(page).contains(String.join("\n", told));
    List<String> asJson = new ArrayList<>(asked);
    asJson.add("--json");
    Ran first = server.run(asJson.toArray(String[]::new));
    assertThat(server.run(asJson.toArray(String[]::new)).output()).isEqualTo(first.output());
    assertThat(CanonicalJson.canonicalize(first.output()) + "\n").isEqualTo(first.output());
  }

  @Test
  void a_planned_workflow_is_judged_as_its_history_tells_it() {
    String tenant = "planned";
    String agent =
        json(
                server.post(
                    "/v1/agents",
                    """
                    {"name":"bot","role":"worker","model":"small","tools":["mail","bank"]}""",
                    server.in(tenant)),
                201)
            .path("id")
            .asText();
    String workflow =
        json(
                server.post(
                    "/v1/workflows/launch",
                    """
                    {"workflow":{"name":"bills","intent":"pay","labels":{"project":"shop"}},
                     "plan":%s}"""
                        .formatted(PLAN),
                    server.in(tenant)),
                201)
            .path("id")
            .asText();
    answer(tenant, agent, 90);
    String one = "{\"rule\":%s,\"workflowIds\":[\"" + workflow + "\"]}";

    assertThat(kinds(CanonicalJson.parse(result(tenant, one.formatted("{}"))))).isEmpty();
    JsonNode looser =
        CanonicalJson.parse(result(tenant, one.formatted("{\"autonomy\":\"full_auto\"}")));
    assertThat(kinds(looser)).containsExactly("step pay asked->handed_out");
    JsonNode difference = looser.path("workflows").path(0).path("differences").path(0);
    assertThat(entry(tenant, workflow, difference.path("position").asLong()))
        .isEqualTo("workflow.approval-requested");
    assertThat(difference.path("first").asBoolean()).isTrue();
    assertThat(looser.path("totals").path("askedUnderRule").asInt()).isZero();
    until(tenant, difference.path("position").asLong(), difference.path("at").asText());

    assertThat(
            kinds(
                CanonicalJson.parse(
                    result(
                        tenant,
                        one.formatted(
                            """
                            {"policy":{"toolRisks":{"mail":"medium"}},"budget":{"tokens":150},
                             "prices":{"models":{"small":5000000}}}""")))))
        .containsExactly("step read handed_out->asked", "cost read spent->spent");
    assertThat(
            kinds(
                CanonicalJson.parse(result(tenant, one.formatted("{\"budget\":{\"tokens\":99}}")))))
        .containsExactly("reservation read granted->refused");

    scopes(tenant, workflow);
  }

  /** What stands behind a moment is not read; what began later than since is judged. */
  private static void until(String tenant, long position, String time) {
    for (String[] moments :
        new String[][] {
          {"1", "" + (position - 1), "0 of 1"},
          {"1", "" + position, "1 of 1"},
          {"2020-01-01T00:00:00Z", time, "1 of 1"},
          {"1", "2020-01-01T00:00:00Z", "0 of 0"},
          {time, "2120-01-01T00:00:00Z", "0 of 0"},
          {"" + position, "2120-01-01T00:00:00Z", "0 of 0"}
        }) {
      JsonNode document =
          CanonicalJson.parse(
              result(
                  tenant,
                  "{\"rule\":{\"autonomy\":\"full_auto\"},\"since\":\"%s\",\"until\":\"%s\"}"
                      .formatted(moments[0], moments[1])));
      JsonNode totals = document.path("totals");
      assertThat(totals.path("runsThatDiffer").asText() + " of " + totals.path("runs").asText())
          .as("since %s until %s", moments[0], moments[1])
          .isEqualTo(moments[2]);
    }
  }

  /** Takes the step that is ready and completes it. */
  private static void answer(String tenant, String agent, long tokens) {
    JsonNode lease =
        json(
                server.post(
                    "/v1/agents/" + agent + "/leases",
                    "{\"max\":1,\"waitMillis\":20000,\"leaseMillis\":30000}",
                    server.in(tenant)),
                200)
            .path("leases")
            .path(0);
    json(
        server.post(
            "/v1/workflows/%s/steps/%s/complete"
                .formatted(lease.path("workflowId").asText(), lease.path("stepId").asText()),
            "{\"leaseToken\":\"%s\",\"result\":\"done\",\"tokens\":%d,\"microDollars\":900}"
                .formatted(lease.path("leaseToken").asText(), tokens),
            server.in(tenant)),
        200);
  }

  private static String entry(String tenant, String workflow, long position) {
    return json(
            server.get(
                "/v1/workflows/%s/history?from=%d&to=%d".formatted(workflow, position, position),
                server.in(tenant)),
            200)
        .path("items")
        .path(0)
        .path("type")
        .asText();
  }

  /** Who reads a project alone asks about that, and is shown nothing else. */
  private static void scopes(String tenant, String workflow) {
    String elsewhere =
        json(
                server.post(
                    "/v1/workflows",
                    "{\"name\":\"n\",\"intent\":\"i\",\"labels\":{\"project\":\"other\"}}",
                    server.in(tenant)),
                201)
            .path("id")
            .asText();
    String key =
        json(
                server.post(
                    "/v1/access/keys",
                    """
                    {"name":"reader","roles":["viewer"],"project":"shop",
                     "expiresAt":"%s"}"""
                        .formatted(java.time.Instant.now().plusSeconds(3_600)),
                    server.in(tenant)),
                201)
            .path("key")
            .asText();
    String[] reader = {"Authorization", "Bearer " + key};
    String shop = "?project=shop";
    String since = all("{\"autonomy\":\"full_auto\"}");

    assertThat(server.post("/v1/what-ifs", since, reader).statusCode()).isEqualTo(403);
    assertThat(
            server
                .post(
                    "/v1/what-ifs" + shop,
                    "{\"rule\":{},\"workflowIds\":[\"%s\"]}".formatted(elsewhere),
                    reader)
                .statusCode())
        .isEqualTo(404);
    JsonNode begun = json(server.post("/v1/what-ifs" + shop, since, reader), 202);
    String path = "/v1/what-ifs/" + begun.path("id").asText();
    JsonNode state = json(server.get(path + shop + "&waitMillis=60000", reader), 200);
    assertThat(state.path("total").isNull()).isTrue();
    JsonNode document = json(server.get(path + "/result" + shop, reader), 200);
    assertThat(document.path("totals").path("runs").asInt()).isEqualTo(1);
    assertThat(document.path("workflows").path(0).path("workflowId").asText()).isEqualTo(workflow);
    assertThat(server.get(path, reader).statusCode()).isEqualTo(403);
    assertThat(server.get(path + "?project=other", server.in(tenant)).statusCode()).isEqualTo(404);
    assertThat(server.get(path, server.in(tenant)).statusCode()).isEqualTo(200);
  }

  @Test
  void what_no_rule_could_mean_is_refused_and_other_tenants_find_nothing() {
    for (String malformed :
        List.of(
            "{\"rule\":{}}",
            "{\"since\":\"1\"}",
            "{\"rule\":{},\"since\":\"soon\"}",
            "{\"rule\":{},\"since\":\"1\",\"workflowIds\":[]}",
            "{\"rule\":{},\"workflowIds\":[]}",
            "{\"rule\":{},\"workflowIds\":[null]}",
            "{\"rule\":{},\"workflowIds\":[\"x\"]}",
            "{\"rule\":{\"autonomy\":\"anything\"},\"since\":\"1\"}",
            "{\"rule\":{\"policy\":{\"toolRisks\":{\"a\":\"some\"}}},\"since\":\"1\"}",
            "{\"rule\":{\"policy\":{\"toolRisks\":{\"a\":null}}},\"since\":\"1\"}",
            "{\"rule\":{\"policy\":{\"kindRisks\":{\"wait\":\"low\"}}},\"since\":\"1\"}",
            "{\"rule\":{\"policy\":{\"deniedTools\":[null]}},\"since\":\"1\"}",
            "{\"rule\":{\"prices\":{\"models\":{\"a\":-1}}},\"since\":\"1\"}",
            "{\"rule\":{\"budget\":{}},\"since\":\"1\"}")) {
      HttpResponse<String> answer = server.post("/v1/what-ifs", malformed);
      assertThat(answer.statusCode()).as("%s: %s", malformed, answer.body()).isEqualTo(422);
    }
    assertThat(
            server
                .post(
                    "/v1/what-ifs",
                    "{\"rule\":{},\"workflowIds\":[\"018f4e6a-0000-7000-8000-00000000dead\"]}")
                .statusCode())
        .isEqualTo(404);
    String id = ask("mine", "", all("{}"));
    JsonNode done =
        json(server.get("/v1/what-ifs/" + id + "?waitMillis=60000", server.in("mine")), 200);
    assertThat(done.path("total").asInt()).isZero();
    for (String path : List.of("", "/result")) {
      assertThat(server.get("/v1/what-ifs/" + id + path, server.in("others")).statusCode())
          .isEqualTo(404);
    }
    assertThat(server.post("/v1/what-ifs/" + id + "/cancel", "", server.in("others")).statusCode())
        .isEqualTo(404);
    assertThat(server.get("/v1/what-ifs/" + id + "?waitMillis=60001").statusCode()).isEqualTo(422);
  }
}

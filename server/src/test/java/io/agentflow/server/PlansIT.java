package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Ran;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans as they are proposed, kept and shown. */
class PlansIT {

  private static final int MIB = 1024 * 1024;

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
    ok(
        server.post(
            "/v1/agents",
            "{\"name\":\"w\",\"role\":\"w\",\"capabilities\":[\"writing\"],"
                + "\"tools\":[\"http\",\"shell\",\"undo\"]}"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode json(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body());
  }

  private static HttpResponse<String> ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    return response;
  }

  private static String created() {
    return json(ok(server.post("/v1/workflows", "{\"name\":\"run\",\"intent\":\"\"}")))
        .path("id")
        .asText();
  }

  private static HttpResponse<String> propose(String workflowId, String definition) {
    return server.post("/v1/workflows/" + workflowId + "/plan", definition, server.by("planner"));
  }

  private static JsonNode plan(String workflowId, String query) {
    return json(ok(server.get("/v1/workflows/" + workflowId + "/plan" + query)));
  }

  /** A thousand steps in ten lanes, each with something to do. */
  private static String thousandSteps() {
    return IntStream.range(0, 1_000)
        .mapToObj(
            i ->
                """
                {"id":"step-%d","kind":"tool","tool":"shell","needs":[%s],\
                "input":{"run":["echo","%s"]}}"""
                    .formatted(i, i < 10 ? "" : "\"step-%d\"".formatted(i - 10), "x".repeat(300)))
        .collect(Collectors.joining(",", "{\"autonomy\":\"approve_all\",\"steps\":[", "]}"));
  }

  @Test
  void a_plan_of_a_thousand_steps_is_taken_and_shown_whole() {
    String id = created();
    String definition = thousandSteps();
    assertThat(definition.length()).as("more than other bodies may have").isGreaterThan(300_000);
    ok(propose(id, definition));

    JsonNode plan = plan(id, "");
    assertThat(plan.path("steps")).hasSize(1_000);
    assertThat(plan.path("steps").path(999).path("needs").path(0).asText()).isEqualTo("step-989");
    assertThat(server.run("audit", "verify").exitCode()).isZero();
  }

  @Test
  void a_body_above_the_limit_of_plans_is_refused_and_so_is_one_above_its_own_elsewhere() {
    String id = created();
    long before = server.position();
    HttpResponse<String> refused = propose(id, "{\"steps\":\"" + "x".repeat(MIB) + "\"}");

    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(json(refused).path("type").asText()).isEqualTo("/problems/body-too-large");
    assertThat(json(refused).path("detail").asText()).contains("AF_PLAN_BODY_LIMIT");
    HttpResponse<String> elsewhere =
        server.post("/v1/workflows/" + id + "/fail", "{\"reason\":\"" + "x".repeat(20_000) + "\"}");
    assertThat(elsewhere.statusCode()).isEqualTo(413);
    assertThat(json(elsewhere).path("detail").asText()).contains("AF_COMMAND_BODY_LIMIT");
    assertThat(server.position()).isEqualTo(before);
  }

  private static HttpResponse<String> launch(String workflowId, String plan) {
    return server.post(
        "/v1/workflows/launch",
        "{\"workflow\":{\"workflowId\":\"%s\",\"name\":\"run\",\"intent\":\"\"},\"plan\":%s}"
            .formatted(workflowId, plan));
  }

  @Test
  void a_workflow_is_launched_in_one_go_and_once() {
    String id = UUID.randomUUID().toString();
    String plan = thousandSteps().replace("approve_all", "full_auto");

    assertThat(launch(id, plan).statusCode()).isEqualTo(201);
    long position = server.position();
    assertThat(launch(id, plan).statusCode()).isEqualTo(200);
    assertThat(server.position()).isEqualTo(position);
    JsonNode workflow =
        json(ok(server.get("/v1/workflows/" + id, "AF-Consistent-With", Long.toString(position))));
    assertThat(workflow.path("status").asText()).isEqualTo("running");
    assertThat(workflow.path("stepsTotal").asInt()).isEqualTo(1_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "422 | invalid-plan | {\"steps\":[{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"http\",\"needs\":[\"b\"]}]}",
        "409 | wrong-state | {\"autonomy\":\"approve_all\",\"steps\":[{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"http\"}]}",
        "422 | invalid-plan | null"
      })
  void what_cannot_be_launched_whole_is_not_launched_at_all(int status, String slug, String plan) {
    String id = UUID.randomUUID().toString();
    long before = server.position();

    HttpResponse<String> refused = launch(id, plan);

    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
    assertThat(json(refused).path("type").asText()).isEqualTo("/problems/" + slug);
    assertThat(server.position()).isEqualTo(before);
    assertThat(server.get("/v1/workflows/" + id).statusCode()).isEqualTo(404);
  }

  private static final String FIRST =
      """
      {"autonomy":"approve_all","steps":[
        {"id":"fetch","name":"Fetch","kind":"tool","tool":"http","input":{"url":"http://a"},
         "estimate":{"tokens":5,"microDollars":7},"retry":{"attempts":3},"risk":"high",
         "compensation":{"tool":"undo"},"approval":{"required":2,"people":["ann","bob"]}},
        {"id":"hold","kind":"wait","needs":["fetch"],"waitMillis":5,"signal":"go"},
        {"id":"sign","kind":"approval","needs":["hold"],"approval":{}},
        {"id":"write","kind":"agent","needs":["sign"],"capability":"writing","canary":true}]}
      """;

  @Test
  void who_has_to_approve_a_plan_sees_it_with_the_digest_that_the_approval_names() {
    String id = created();
    assertThat(server.get("/v1/workflows/" + id + "/plan").statusCode()).isEqualTo(404);
    ok(propose(id, FIRST));
    JsonNode first = plan(id, "");
    assertThat(first.path("standing").asText()).isEqualTo("proposed");
    assertThat(first.path("pendingVersion").asInt()).isEqualTo(1);
    assertThat(first.path("proposedBy").asText()).isEqualTo("planner");
    ok(
        server.post(
            "/v1/workflows/" + id + "/approvals/plan.v1/grant",
            "{\"digest\":\"%s\"}".formatted(first.path("digest").asText()),
            server.by("ann")));
    assertThat(plan(id, "").path("standing").asText()).isEqualTo("approved");

    ok(propose(id, FIRST.replace("Fetch", "Fetch it")));
    assertThat(plan(id, "").path("planVersion").asInt()).as("what is carried out").isEqualTo(1);
    assertThat(plan(id, "").path("pendingVersion").asInt()).isEqualTo(2);
    JsonNode second = plan(id, "?version=2");
    assertThat(second.path("standing").asText()).isEqualTo("proposed");
    assertThat(second.path("steps").path(0).path("name").asText()).isEqualTo("Fetch it");
    assertThat(second.path("digest")).isNotEqualTo(first.path("digest"));
    ok(
        server.post(
            "/v1/workflows/" + id + "/approvals/plan.v2/deny",
            "{\"reason\":\"too dear\"}",
            server.by("ann")));
    assertThat(plan(id, "?version=2").path("rejectedBecause").asText()).contains("too dear");
    assertThat(server.get("/v1/workflows/" + id + "/plan?version=3").statusCode()).isEqualTo(404);
    assertThat(server.get("/v1/workflows/" + id + "/plan", server.in("other")).statusCode())
        .isEqualTo(404);

    Ran shown = server.run("workflows", "plan", id, "--version", "2");
    assertThat(shown.output())
        .contains("version 2, rejected", second.path("digest").asText(), "Fetch it", "http");
  }

  @Test
  void what_is_shown_of_a_plan_can_be_proposed_again_and_is_the_same_plan() {
    String id = created();
    ok(propose(id, FIRST));
    JsonNode shown = plan(id, "");
    ObjectNode definition = Objects.requireNonNull(((ObjectNode) shown).deepCopy());
    definition.retain("autonomy", "timeoutMillis", "steps");

    String other = created();
    ok(propose(other, definition.toString()));
    assertThat(plan(other, "").path("digest")).isEqualTo(shown.path("digest"));
    assertThat(plan(other, "").path("steps")).isEqualTo(shown.path("steps"));
  }
}

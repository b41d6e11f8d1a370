package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Ran;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A plan's way through the API, as the tables of workflows, steps and approvals tell it. */
class RunTablesIT {

  private static final String PLAN =
      """
      {"autonomy":"$autonomy","steps":[
        {"id":"collect","name":"Collect the logs","kind":"tool","needs":[],"tool":"shell",
         "input":{"path":"/var/log"}},
        {"id":"send","name":"Send the report","kind":"tool","needs":["collect"],"tool":"shell",
         "input":"all of it"}]}
      """;

  private static ServerProcess server;
  private static String agent;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
    HttpResponse<String> registered =
        post("/v1/agents", "{\"name\":\"bot\",\"role\":\"worker\",\"tools\":[\"shell\"]}");
    agent = json(registered).path("id").asText();
    get("/v1/agents/" + agent);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode json(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body());
  }

  private static HttpResponse<String> post(String path, String body) {
    HttpResponse<String> response = server.post(path, body, server.by("planner"));
    assertThat(response.statusCode()).as(path + ": " + response.body()).isBetween(200, 201);
    return response;
  }

  /** As of now: what was answered before is in the tables. */
  private static JsonNode get(String path) {
    HttpResponse<String> response =
        server.get(path, "AF-Consistent-With", Long.toString(server.position()));
    assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
    return json(response);
  }

  private static String planned(String autonomy) {
    String id =
        json(post("/v1/workflows", "{\"name\":\"nightly\",\"intent\":\"report\"}"))
            .path("id")
            .asText();
    post("/v1/workflows/" + id + "/plan", PLAN.replace("$autonomy", autonomy));
    return id;
  }

  private static JsonNode steps(String workflowId) {
    return get("/v1/workflows/" + workflowId + "/steps").path("items");
  }

  private static JsonNode row(String workflowId) {
    return get("/v1/workflows/" + workflowId);
  }

  /** The lease on the one step that is ready. */
  private static JsonNode lease(String workflowId) {
    JsonNode leases =
        json(post(
                "/v1/agents/" + agent + "/leases",
                "{\"max\":1,\"waitMillis\":20000,\"leaseMillis\":30000}"))
            .path("leases");
    assertThat(leases).hasSize(1);
    assertThat(leases.path(0).path("workflowId").asText()).isEqualTo(workflowId);
    return leases.path(0);
  }

  private static void answer(JsonNode lease, String verb, String rest) {
    post(
        "/v1/workflows/%s/steps/%s/%s"
            .formatted(lease.path("workflowId").asText(), lease.path("stepId").asText(), verb),
        "{\"leaseToken\":\"%s\",%s}".formatted(lease.path("leaseToken").asText(), rest));
  }

  private static void af(String... arguments) {
    Ran ran = server.run(arguments);
    assertThat(ran.exitCode()).as(ran.output()).isZero();
  }

  @Test
  void the_tables_follow_a_plan_from_its_proposal_to_its_end() {
    String id = planned("full_auto");
    assertThat(row(id).path("planVersion").asInt()).isEqualTo(1);
    assertThat(row(id).path("autonomy").asText()).isEqualTo("full_auto");
    assertThat(row(id).path("stepsTotal").asInt()).isEqualTo(2);
    assertThat(steps(id))
        .hasSize(2)
        .allMatch(step -> step.path("status").asText().equals("waiting"));

    post("/v1/workflows/" + id + "/start", "");
    JsonNode collect = lease(id);
    answer(collect, "progress", "\"note\":\"reading\",\"percent\":40");
    JsonNode step = steps(id).path(0);
    assertThat(step.path("status").asText()).isEqualTo("assigned");
    assertThat(step.path("agentId").asText()).isEqualTo(agent);
    assertThat(step.path("progressPercent").asInt()).isEqualTo(40);
    assertThat(step.path("rule").asText()).isNotBlank();

    answer(collect, "complete", "\"result\":\"12 lines\",\"tokens\":3,\"microDollars\":5");
    assertThat(row(id).path("stepsDone").asInt()).isEqualTo(1);
    answer(lease(id), "complete", "\"result\":\"sent\",\"tokens\":4,\"microDollars\":6");

    assertThat(steps(id)).allMatch(it -> it.path("status").asText().equals("completed"));
    assertThat(steps(id).path(0).path("result").asText()).isEqualTo("12 lines");
    JsonNode workflow = row(id);
    assertThat(workflow.path("status").asText()).isEqualTo("completed");
    assertThat(workflow.path("outcome").asText()).isEqualTo("sent");
    assertThat(workflow.path("stepsDone").asInt()).isEqualTo(2);
    assertThat(workflow.path("totalTokens").asLong()).isEqualTo(7);
    assertThat(workflow.path("totalMicroDollars").asLong()).isEqualTo(11);
  }

  @Test
  void people_find_what_they_have_to_decide_and_decide_it_from_the_command_line() {
    String id = planned("approve_all");
    assertThat(steps(id)).isEmpty();
    assertThat(row(id).path("proposedPlanVersion").asInt()).isEqualTo(1);

    JsonNode open = approval(id);
    assertThat(open.path("what").asText()).isEqualTo("plan");
    assertThat(open.path("workflowName").asText()).isEqualTo("nightly");
    assertThat(get("/v1/approvals?status=open").path("items")).contains(open);
    af(
        "approvals",
        "grant",
        id,
        open.path("approvalId").asText(),
        "--digest",
        open.path("digest").asText().substring(0, 8),
        "--as",
        "ann");
    assertThat(approval(id).path("status").asText()).isEqualTo("granted");
    assertThat(approval(id).path("grantedBy").path(0).asText()).isEqualTo("ann");
    assertThat(steps(id)).hasSize(2);

    post("/v1/workflows/" + id + "/start", "");
    assertThat(steps(id).path(0).path("status").asText()).isEqualTo("asking");
    JsonNode asked = approval(id);
    assertThat(asked.path("what").asText()).isEqualTo("Collect the logs");
    af("approvals", "deny", id, asked.path("approvalId").asText(), "--reason", "no", "--as", "ann");

    assertThat(approval(id).path("deniedBy").asText()).isEqualTo("ann");
    assertThat(steps(id).path(0).path("status").asText()).isEqualTo("failed");
    assertThat(row(id).path("status").asText()).isEqualTo("failed");
    assertThat(get("/v1/approvals?status=open").path("items"))
        .noneMatch(it -> it.path("workflowId").asText().equals(id));
  }

  /** The last that was asked. */
  private static JsonNode approval(String workflowId) {
    return get("/v1/workflows/" + workflowId + "/approvals").path("items").path(0);
  }

  @Test
  void a_workflow_is_paused_resumed_and_cancelled_from_the_command_line() {
    String id = planned("full_auto");
    post("/v1/workflows/" + id + "/start", "");

    af("workflows", "pause", id, "--reason", "lunch");
    assertThat(row(id).path("status").asText()).isEqualTo("paused");
    assertThat(row(id).path("pausedBecause").asText()).isEqualTo("lunch");
    af("workflows", "resume", id);
    assertThat(row(id).path("status").asText()).isEqualTo("running");
    assertThat(row(id).path("pausedBecause").isNull()).isTrue();
    af("workflows", "cancel", id, "--reason", "not wanted");
    assertThat(row(id).path("status").asText()).isEqualTo("cancelled");
    assertThat(steps(id).path(0).path("status").asText()).isEqualTo("cancelled");

    Ran drawn = server.run("workflows", "steps", id);
    assertThat(drawn.output()).contains("collect", "└─ send", "cancelled");
  }

  @Test
  void another_tenant_finds_neither_steps_nor_approvals() {
    String id = planned("approve_all");
    for (String what : new String[] {"steps", "approvals"}) {
      String path = "/v1/workflows/%s/%s".formatted(id, what);
      get(path);
      assertThat(server.get(path, server.in("other")).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(json(server.get("/v1/approvals", server.in("other"))).path("items")).isEmpty();
    assertThat(server.get("/v1/approvals?status=lost").statusCode()).isEqualTo(422);
  }
}

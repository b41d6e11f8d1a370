package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Begun;
import io.agentflow.server.ServerProcess.Ran;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The samples, as their comments say they are run: server, worker and command line as processes.
 */
class SamplesIT {

  private static final Path SAMPLES = Path.of("..", "samples").toAbsolutePath().normalize();

  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static final List<Begun> workers = new ArrayList<>();
  private static ServerProcess server;

  @BeforeAll
  static void startServerAndWorkers() {
    server = ServerProcess.start();
    workers.add(
        server.begin(
            "worker", "--name", "box", "--allow-command", "uname", "--allow-command", "false"));
    workers.add(
        server.begin(
            "worker",
            "--name",
            "writer",
            "--capability",
            "writing",
            "--answers",
            SAMPLES.resolve("budget-answers.jsonl").toString()));
    await("/v1/agents", agents -> agents.path("items").size() == 2);
  }

  @AfterAll
  static void stopServerAndWorkers() throws InterruptedException {
    for (Begun worker : workers) {
      worker.process().destroyForcibly().waitFor();
    }
    server.close();
  }

  private static JsonNode get(String path) {
    return CanonicalJson.parse(server.get(path).body());
  }

  private static JsonNode await(String path, Predicate<JsonNode> wanted) {
    for (int i = 0; i < 600; i++) {
      JsonNode answer = get(path);
      if (wanted.test(answer)) {
        return answer;
      }
      LockSupport.parkNanos(100_000_000);
    }
    throw new AssertionError("in vain: " + path + ": " + get(path));
  }

  private static JsonNode awaitStatus(String workflowId, String status) {
    return await("/v1/workflows/" + workflowId, row -> row.path("status").asText().equals(status));
  }

  private static JsonNode submit(String sample) {
    Ran submitted = server.run("workflows", "submit", SAMPLES.resolve(sample).toString(), "--json");
    assertThat(submitted.exitCode()).as(submitted.output()).isZero();
    return submitted.json();
  }

  private static List<String> history(String workflowId, String type, String field) {
    List<String> values = new ArrayList<>();
    for (JsonNode item : get("/v1/workflows/" + workflowId + "/history").path("items")) {
      if (item.path("type").asText().equals(type)) {
        values.add(item.path("payload").path(field).asText());
      }
    }
    return values;
  }

  private static void assertLogIsWhole() {
    assertThat(server.run("audit", "verify").exitCode()).isZero();
  }

  @Test
  void a_linear_run_uses_the_results_of_what_came_before() {
    String id = submit("linear.yaml").path("workflowId").asText();

    JsonNode done = awaitStatus(id, "completed");
    assertThat(done.path("outcome").asText()).contains("Good morning, Ada!");
    assertThat(history(id, "workflow.step-completed", "stepId"))
        .containsExactly("greeting", "name", "letter");
    assertLogIsWhole();
  }

  @Test
  void a_branch_that_fails_is_tried_again_and_then_left_out() {
    Ran followed =
        server.run("workflows", "submit", SAMPLES.resolve("fan-out.yaml").toString(), "--follow");

    assertThat(followed.exitCode()).as(followed.output()).isZero();
    Matcher printed = ID.matcher(followed.output());
    assertThat(printed.find()).as(followed.output()).isTrue();
    String id = printed.group();
    assertThat(history(id, "workflow.step-failed", "stepId"))
        .containsExactly("by-nobody", "by-nobody", "by-nobody");
    assertThat(history(id, "workflow.step-skipped", "stepId")).containsExactly("by-nobody");
    assertThat(history(id, "workflow.step-completed", "stepId")).endsWith("join");
  }

  @Test
  void a_step_waits_for_a_lead_and_who_submitted_it_is_none() {
    String id = submit("approval.yaml").path("workflowId").asText();
    JsonNode open =
        await(
                "/v1/workflows/" + id + "/approvals",
                approvals -> approvals.path("items").size() == 1)
            .path("items")
            .path(0);
    String approvalId = open.path("approvalId").asText();
    String digest = open.path("digest").asText();

    Ran byPlanner =
        server.run(
            "approvals",
            "grant",
            id,
            approvalId,
            "--digest",
            digest,
            "--as",
            open.path("requestedBy").asText(),
            "--role",
            "lead");
    Ran byNobody =
        server.run("approvals", "grant", id, approvalId, "--digest", digest, "--as", "eve");
    Ran byLead =
        server.run(
            "approvals",
            "grant",
            id,
            approvalId,
            "--digest",
            digest,
            "--as",
            "ann",
            "--role",
            "lead");

    assertThat(byPlanner.exitCode()).as(byPlanner.output()).isNotZero();
    assertThat(byNobody.exitCode()).as(byNobody.output()).isNotZero();
    assertThat(byLead.exitCode()).as(byLead.output()).isZero();
    awaitStatus(id, "completed");
  }

  @Test
  void an_approval_that_nobody_gives_expires_and_the_workflow_fails() {
    String id = workflow();
    server.post(
        "/v1/workflows/" + id + "/plan",
        """
        {"autonomy":"full_auto","steps":[
          {"id":"agree","kind":"approval","approval":{"required":1,"expiresMillis":1500,"remindMillis":500}},
          {"id":"send","kind":"tool","tool":"echo","needs":["agree"],"input":"x"}]}
        """);
    server.post("/v1/workflows/" + id + "/start", "");

    JsonNode failed = awaitStatus(id, "failed");
    assertThat(failed.path("outcome").asText()).contains("nobody decided");
    assertThat(history(id, "workflow.approval-reminded", "approvalId")).hasSize(1);
    assertThat(history(id, "workflow.approval-expired", "approvalId")).hasSize(1);
  }

  private static String workflow() {
    return CanonicalJson.parse(
            server.post("/v1/workflows", "{\"name\":\"run\",\"intent\":\"do it\"}").body())
        .path("id")
        .asText();
  }

  @Test
  void a_budget_that_is_exhausted_pauses_the_workflow_until_its_limit_is_raised() {
    JsonNode submitted = submit("budget.yaml");
    String id = submitted.path("workflowId").asText();
    String budgetId = submitted.path("budgetId").asText();

    JsonNode paused = awaitStatus(id, "paused");
    assertThat(paused.path("pausedBecause").asText()).contains(budgetId);
    Ran raised = server.run("budgets", "limit", budgetId, "--tokens", "2000", "--dollars", "1");
    assertThat(raised.exitCode()).as(raised.output()).isZero();

    awaitStatus(id, "completed");
    JsonNode budget =
        await("/v1/budgets/" + budgetId, row -> row.path("reservedTokens").asLong() == 0);
    long used =
        history(id, "workflow.step-completed", "tokens").stream().mapToLong(Long::parseLong).sum();
    assertThat(budget.path("spentTokens").asLong()).isEqualTo(used).isPositive();
    assertLogIsWhole();
  }

  @Test
  void a_cancelled_workflow_undoes_what_was_done_in_reverse_order() {
    String id = submit("cancel.yaml").path("workflowId").asText();
    await(
        "/v1/workflows/" + id + "/history",
        history -> history.toString().contains("workflow.wait-started"));

    Ran cancelled = server.run("workflows", "cancel", id, "--reason", "the trip is off");

    assertThat(cancelled.exitCode()).as(cancelled.output()).isZero();
    awaitStatus(id, "cancelled");
    assertThat(history(id, "workflow.step-compensated", "stepId")).containsExactly("room", "train");
    assertThat(history(id, "workflow.step-compensated", "result"))
        .containsExactly("room 7 given back", "train 42 given back");
  }

  @Test
  void a_restart_goes_on_from_a_step_with_the_results_that_were_there() {
    String origin = submit("linear.yaml").path("workflowId").asText();
    awaitStatus(origin, "completed");

    Ran restarted = server.run("workflows", "restart", origin, "--from", "letter", "--json");

    assertThat(restarted.exitCode()).as(restarted.output()).isZero();
    String id = restarted.json().path("id").asText();
    assertThat(id).isNotEqualTo(origin);
    awaitStatus(id, "completed");
    assertThat(history(id, "workflow.restarted-from", "originWorkflowId")).containsExactly(origin);
    assertThat(history(id, "workflow.step-completed", "stepId")).containsExactly("letter");
  }

  @Test
  void a_worker_that_is_killed_loses_its_lease_and_the_step_waits_for_another() throws Exception {
    Begun doomed =
        server.begin("worker", "--name", "doomed", "--allow-command", "sleep", "--lease", "1");
    JsonNode agents =
        await("/v1/agents", all -> all.toString().contains("\"doomed\"")).path("items");
    String agentId = "";
    for (JsonNode agent : agents) {
      agentId =
          agent.path("name").asText().equals("doomed") ? agent.path("agentId").asText() : agentId;
    }
    String id = workflow();
    server.post(
        "/v1/workflows/" + id + "/plan",
        """
        {"autonomy":"full_auto","steps":[
          {"id":"dig","kind":"tool","tool":"command","agentId":"%s","input":{"run":["sleep","600"]}}]}
        """
            .formatted(agentId));
    server.post("/v1/workflows/" + id + "/start", "");
    await(
        "/v1/workflows/" + id + "/history",
        history -> history.toString().contains("workflow.step-assigned"));

    doomed.process().destroyForcibly().waitFor();

    await("/v1/workflows/" + id + "/history", history -> history.toString().contains("lease_lost"));
    assertThat(history(id, "workflow.step-ready", "attempt")).startsWith("1", "2");
  }
}

package io.agentflow.server.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A tenant that has one of everything that others might ask for by its id, all of it at work: what
 * a stranger's command did would show. Each text that is free has the canary in it.
 */
final class TenantInUse {

  static final String CANARY = "canary7f3a";

  private static final String NEVER = "0 6 1 1 *";

  private final BiFunction<String, String, HttpResponse<String>> post;
  private final BiFunction<String, String, HttpResponse<String>> get;
  private final Map<String, String> ids = new HashMap<>();

  /**
   * Makes it all.
   *
   * @param post a body to a path
   * @param get a path, and the position of the log that its answer has to have seen
   */
  TenantInUse(
      BiFunction<String, String, HttpResponse<String>> post,
      BiFunction<String, String, HttpResponse<String>> get) {
    this.post = post;
    this.get = get;
    for (String id :
        List.of("workflowId", "agentId", "budgetId", "sliceId", "scheduleId", "keyId")) {
      ids.put(id, UUID.randomUUID().toString());
    }
    ids.put("reservationId", "held-1");
    ids.put("callId", "call-1");
    ids.put("stepId", "draft");
    budgets();
    agents();
    workflows();
    schedules();
    access();
    ids.put(
        "whatIfId",
        post("/v1/what-ifs", "{\"rule\":{\"autonomy\":\"approve_all\"},\"since\":\"1\"}")
            .path("id")
            .asString());
    ids.put(
        "replayId",
        post("/v1/replays", "{\"since\":\"1\",\"speed\":\"0.001x\"}").path("replayId").asString());
  }

  /** What stands under a name in paths and bodies; null for what such a tenant need not have. */
  Map<String, String> ids() {
    return Map.copyOf(ids);
  }

  private JsonNode post(String path, String body) {
    HttpResponse<String> answer =
        post.apply(filled(path), filled(body.replace("TEXT", "some words " + CANARY)));
    assertThat(answer.statusCode())
        .as("%s: %s", path, answer.body())
        .isGreaterThanOrEqualTo(200)
        .isLessThan(300);
    return JsonMapper.shared().readTree(answer.body());
  }

  private String filled(String text) {
    String filled = text;
    for (Map.Entry<String, String> id : ids.entrySet()) {
      filled = filled.replace("{" + id.getKey() + "}", id.getValue());
    }
    return filled;
  }

  private void budgets() {
    post(
        "/v1/budgets",
        """
        {"budgetId":"{budgetId}","name":"TEXT","limitTokens":1000000,"limitMicroDollars":1000000}\
        """);
    post(
        "/v1/budgets/{budgetId}/allocations",
        """
        {"sliceId":"{sliceId}","name":"TEXT","tokens":1000,"microDollars":1000}""");
    post(
        "/v1/budgets/{budgetId}/reservations",
        """
        {"reservationId":"{reservationId}","tokens":10,"microDollars":10}""");
  }

  private void agents() {
    post(
        "/v1/agents",
        """
        {"agentId":"{agentId}","name":"TEXT","role":"TEXT","model":"TEXT",
         "tools":["mail"],"capabilities":["writing","TEXT"],"concurrency":4}""");
    String another = UUID.randomUUID().toString();
    post(
        "/v1/agents",
        """
        {"agentId":"%s","name":"TEXT","role":"TEXT"}"""
            .formatted(another));
    post("/v1/agents/" + another + "/suspend", "{\"reason\":\"TEXT\"}");
    post("/v1/agents/" + another + "/retire", "{\"reason\":\"TEXT\"}");
  }

  private void workflows() {
    JsonNode launched =
        post(
            "/v1/workflows/launch",
            """
            {"workflow":{"workflowId":"{workflowId}","name":"TEXT","intent":"TEXT",
                         "labels":{"team":"TEXT"}},
             "plan":{"autonomy":"full_auto","steps":[
               {"id":"first","kind":"agent","name":"TEXT","capability":"writing","input":"TEXT"},
               {"id":"draft","kind":"agent","name":"TEXT","capability":"writing","input":"TEXT"},
               {"id":"agree","kind":"approval","name":"TEXT","approval":{"people":["maya"]}},
               {"id":"never","kind":"agent","capability":"writing","needs":["agree"]}]}}""");
    lease();
    JsonNode leases = lease();
    ids.put("leaseToken", leases.path("leases").path(0).path("leaseToken").asString());
    ids.put("stepId", leases.path("leases").path(0).path("stepId").asString());
    post(
        "/v1/workflows/{workflowId}/steps/{stepId}/progress",
        """
        {"leaseToken":"{leaseToken}","note":"TEXT","percent":5}""");
    post("/v1/workflows/{workflowId}/signals", "{\"name\":\"paid\",\"payload\":\"TEXT\"}");
    post(
        "/v1/workflows/{workflowId}/messages",
        """
        {"messageId":"m-1","role":"user","from":"ann","to":"ben","content":"TEXT"}""");
    post(
        "/v1/workflows/{workflowId}/tool-calls",
        """
        {"callId":"{callId}","agentId":"{agentId}","tool":"TEXT","arguments":"TEXT"}""");
    HttpResponse<String> approvals =
        get.apply(
            filled("/v1/workflows/{workflowId}/approvals"), launched.path("position").asString());
    JsonNode approval = JsonMapper.shared().readTree(approvals.body()).path("items").path(0);
    ids.put("approvalId", approval.path("approvalId").asString());
    ids.put("digest", approval.path("digest").asString());

    String failed = UUID.randomUUID().toString();
    post(
        "/v1/workflows",
        """
        {"workflowId":"%s","name":"TEXT","intent":"TEXT"}"""
            .formatted(failed));
    post("/v1/workflows/" + failed + "/start", "");
    post("/v1/workflows/" + failed + "/fail", "{\"reason\":\"TEXT\"}");

    String cancelled = UUID.randomUUID().toString();
    post(
        "/v1/workflows/launch",
        """
        {"workflow":{"workflowId":"%s","name":"TEXT","intent":"TEXT"},
         "plan":{"steps":[{"id":"ask","kind":"approval","approval":{}}]}}"""
            .formatted(cancelled));
    post("/v1/workflows/" + cancelled + "/pause", "{\"reason\":\"TEXT\"}");
    post("/v1/workflows/" + cancelled + "/resume", "");
    post("/v1/workflows/" + cancelled + "/cancel", "{\"reason\":\"TEXT\"}");
  }

  private JsonNode lease() {
    return post(
        "/v1/agents/{agentId}/leases",
        """
        {"max":1,"waitMillis":10000,"leaseMillis":3600000}""");
  }

  private void access() {
    String here = "\"project\":\"shop\",\"environment\":\"live\"";
    ids.put(
        "bindingId",
        post("/v1/access/bindings", "{\"principal\":\"pia\",\"role\":\"viewer\"," + here + "}")
            .path("id")
            .asString());
    post(
        "/v1/access/keys",
        """
        {"keyId":"{keyId}","name":"TEXT","roles":["viewer"],"expiresAt":"%s"}"""
            .formatted(Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS)));
  }

  private void schedules() {
    post(
        "/v1/schedules",
        """
        {"scheduleId":"{scheduleId}","name":"TEXT","cron":"%s",
         "workflow":{"name":"TEXT","intent":"TEXT","labels":{"team":"TEXT"},
           "plan":{"steps":[{"id":"do","kind":"agent","capability":"writing","input":"TEXT"}]}}}"""
            .formatted(NEVER));
    post("/v1/schedules/{scheduleId}/pause", "{\"reason\":\"TEXT\"}");
  }
}

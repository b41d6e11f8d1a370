package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What {@code docs/auditing-with-sql.md} asks about, as it happens on a server: in the tenant acme
 * adam manages access and money, paul plans, ben decides and an agent works. The tenant globex does
 * the same.
 */
final class AuditedStory {

  private static final String WORKFLOW = "-0000-7000-8000-000000000001";
  private static final String SECOND = "-0000-7000-8000-000000000002";
  private static final String TALK = "-0000-7000-8000-000000000003";
  private static final String AGENT = "-0000-7000-8000-0000000000a1";
  private static final String BUDGET = "-0000-7000-8000-0000000000b1";
  private static final String SMALL_BUDGET = "-0000-7000-8000-0000000000b2";
  private static final String KEY = "-0000-7000-8000-0000000000e1";

  private final ServerProcess server;
  private final String tenant;
  private final String before;
  private long position;

  /**
   * @param before begins each id, since ids are one over all tenants
   */
  private AuditedStory(ServerProcess server, String tenant, String before) {
    this.server = server;
    this.tenant = tenant;
    this.before = before;
  }

  static void tell(ServerProcess server) {
    new AuditedStory(server, "acme", "018f4e6a").tell();
    new AuditedStory(server, "globex", "018f4e6b").tell();
  }

  private JsonNode by(String actor, String path, String body) {
    HttpResponse<String> answer =
        server.post(path, body, "Authorization", server.bearer(tenant, actor));
    assertThat(answer.statusCode()).as(path + ": " + answer.body()).isBetween(200, 201);
    position = answer.headers().firstValueAsLong("AF-Position").orElse(position);
    return CanonicalJson.parse(answer.body());
  }

  private String id(String rest) {
    return before + rest;
  }

  private void tell() {
    access();
    money();
    by(
        "adam",
        "/v1/agents",
        "{\"agentId\":\"%s\",\"name\":\"Scribe\",\"role\":\"writer\",\"tools\":[\"press\"]}"
            .formatted(id(AGENT)));
    letter(id(WORKFLOW));
    by(
        "ben",
        approval(id(WORKFLOW)) + "/grant",
        "{\"digest\":\"%s\"}".formatted(digest(id(WORKFLOW))));
    letter(id(SECOND));
    by("ben", approval(id(SECOND)) + "/delegate", "{\"to\":\"li\"}");
    by("li", approval(id(SECOND)) + "/deny", "{\"reason\":\"too dear\"}");
    talk(id(TALK));
  }

  private void access() {
    by(
        "adam",
        "/v1/access/bindings",
        "{\"principal\":\"paul\",\"role\":\"engineer\",\"project\":\"shop\"}");
    String binding =
        by("adam", "/v1/access/bindings", "{\"principal\":\"ben\",\"role\":\"operator\"}")
            .path("id")
            .asText();
    by("adam", "/v1/access/bindings/" + binding + "/remove", "");
    by(
        "adam",
        "/v1/access/keys",
        "{\"keyId\":\"%s\",\"name\":\"deploy\",\"roles\":[\"operator\"],\"expiresAt\":\"%s\"}"
            .formatted(id(KEY), Instant.now().plus(30, ChronoUnit.DAYS)));
    by("adam", "/v1/access/keys/" + id(KEY) + "/revoke", "");
  }

  private void money() {
    String budgets = "/v1/budgets";
    by(
        "adam",
        budgets,
        "{\"budgetId\":\"%s\",\"name\":\"support\",\"limitTokens\":1000,\"limitMicroDollars\":9000}"
            .formatted(id(BUDGET)));
    String small = id(SMALL_BUDGET);
    by(
        "adam",
        budgets,
        "{\"budgetId\":\"%s\",\"name\":\"small\",\"limitTokens\":100,\"limitMicroDollars\":500}"
            .formatted(small));
    by(
        "paul",
        budgets + "/" + small + "/reservations",
        "{\"reservationId\":\"print\",\"tokens\":100,\"microDollars\":500}");
    by(
        "paul",
        budgets + "/" + small + "/reservations/print/settle",
        "{\"tokens\":100,\"microDollars\":450}");
  }

  /** Is printed, at a cost, and then waits for ben. */
  private void letter(String workflow) {
    by(
        "paul",
        "/v1/workflows",
        "{\"workflowId\":\"%s\",\"name\":\"letter\",\"intent\":\"it is sent\",\"budgetId\":\"%s\"}"
            .formatted(workflow, id(BUDGET)));
    by(
        "paul",
        "/v1/workflows/" + workflow + "/plan",
        """
        {"autonomy":"full_auto","steps":[
          {"id":"print","kind":"tool","tool":"press","agentId":"%s","estimate":{"tokens":50,"microDollars":800},
           "input":"Dear customer"},
          {"id":"agree","kind":"approval","needs":["print"],"approval":{"people":["ben"]}}]}
        """
            .formatted(id(AGENT)));
    by("paul", "/v1/workflows/" + workflow + "/start", "");
    JsonNode lease =
        by(
                "worker",
                "/v1/agents/" + id(AGENT) + "/leases",
                "{\"max\":1,\"waitMillis\":20000,\"leaseMillis\":60000}")
            .path("leases")
            .path(0);
    by(
        "worker",
        "/v1/workflows/" + workflow + "/steps/print/complete",
        "{\"leaseToken\":\"%s\",\"result\":\"printed\",\"tokens\":40,\"microDollars\":700}"
            .formatted(lease.path("leaseToken").asText()));
    awaitSettled();
  }

  /** What a step used is settled behind its answer: only then does the story go on. */
  private void awaitSettled() {
    long deadlineNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (budget().path("reservedTokens").asLong() > 0) {
      assertThat(System.nanoTime()).as("%s", budget()).isLessThan(deadlineNanos);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private JsonNode budget() {
    return get("/v1/budgets/" + id(BUDGET));
  }

  private JsonNode get(String path) {
    HttpResponse<String> answer =
        server.get(
            path,
            "Authorization",
            server.bearer(tenant, "ben"),
            "AF-Consistent-With",
            Long.toString(position));
    assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
    return CanonicalJson.parse(answer.body());
  }

  private static String approval(String workflow) {
    return "/v1/workflows/" + workflow + "/approvals/agree.v1";
  }

  private String digest(String workflow) {
    return get("/v1/workflows/" + workflow + "/approvals").findPath("digest").asText();
  }

  /** Was recorded as it went: a message, a call and what came back. */
  private void talk(String workflow) {
    String path = "/v1/workflows/" + workflow;
    by(
        "paul",
        "/v1/workflows",
        "{\"workflowId\":\"%s\",\"name\":\"talk\",\"intent\":\"it is known\"}".formatted(workflow));
    by("paul", path + "/start", "");
    by(
        "worker",
        path + "/messages",
        "{\"messageId\":\"m-1\",\"role\":\"user\",\"from\":\"ann\",\"to\":\"scribe\","
            + "\"content\":\"Größe “M”?\\n\",\"tokens\":4,\"microDollars\":10}");
    by(
        "worker",
        path + "/tool-calls",
        "{\"callId\":\"c-1\",\"agentId\":\"%s\",\"tool\":\"mail\",\"arguments\":\"to ann\","
                .formatted(id(AGENT))
            + "\"tokens\":10,\"microDollars\":20}");
    by(
        "worker",
        path + "/tool-results",
        "{\"callId\":\"c-1\",\"result\":\"sent\",\"tokens\":2,\"microDollars\":5}");
    by("paul", path + "/complete", "{\"result\":\"answered\"}");
  }
}

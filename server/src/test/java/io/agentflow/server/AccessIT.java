package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jwt.JWTClaimsSet;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A server that trusts an OpenID provider: who gets in, and what each may do. That nobody else gets
 * in, at any operation, is tried by {@code AttackIT}.
 */
class AccessIT {

  private static final String AGENT = UUID.randomUUID().toString();

  private static TokenIssuer issuer;
  private static ServerProcess server;

  @BeforeAll
  static void start() {
    issuer = new TokenIssuer();
    Map<String, String> environment = new HashMap<>();
    environment.put("AF_OIDC_ISSUER", issuer.url());
    environment.put("AF_TOKEN", issuer.token("acme", "operator"));
    server = ServerProcess.start(environment);
  }

  @AfterAll
  static void stop() {
    server.close();
    issuer.close();
  }

  private static HttpResponse<String> send(
      String token, String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        server
            .bareRequest(path)
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return server.send(request.build());
  }

  private static HttpResponse<String> get(String token, String path) {
    return send(token, "GET", path, "");
  }

  private static HttpResponse<String> post(String token, String path, String body) {
    return send(token, "POST", path, body);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body());
  }

  private static String problem(HttpResponse<String> response) {
    return response.statusCode() < 300
        ? ""
        : json(response).path("type").asText().replace("/problems/", "");
  }

  private static long position() {
    return json(get(issuer.token("acme", "viewer"), "/v1/status"))
        .path("log")
        .path("position")
        .asLong();
  }

  private static String create(String token) {
    HttpResponse<String> created =
        post(token, "/v1/workflows", "{\"name\":\"triage\",\"intent\":\"sort\"}");
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    return json(created).path("id").asText();
  }

  @Test
  void who_has_a_token_of_the_issuer_gets_in_under_its_name_and_tenant() {
    String id = create(issuer.token("acme", "operator"));

    JsonNode history =
        json(get(issuer.token("acme", "viewer"), "/v1/workflows/" + id + "/history"));
    JsonNode metadata = history.path("items").path(0).path("metadata");
    assertThat(metadata.path("actor").asText()).isEqualTo("ada");

    assertThat(server.run("status").exitCode()).as("af sends what AF_TOKEN has").isZero();
  }

  @Test
  void the_clocks_of_two_machines_may_differ_by_a_minute() {
    Date halfAMinuteAgo = Date.from(Instant.now().minusSeconds(30));
    Date inHalfAMinute = Date.from(Instant.now().plusSeconds(30));
    for (JWTClaimsSet.Builder claims :
        List.of(
            issuer.claims("acme", "viewer").expirationTime(halfAMinuteAgo),
            issuer.claims("acme", "viewer").notBeforeTime(inHalfAMinute))) {
      assertThat(get(issuer.signed(claims), "/v1/status").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void a_token_that_does_not_say_what_it_has_to_is_refused_with_the_claims_name() {
    Map<String, JWTClaimsSet.Builder> claims = new LinkedHashMap<>();
    claims.put("tenant", issuer.claims("acme", "admin").claim("tenant", null));
    claims.put("tenant ", issuer.claims("Not A Tenant", "admin"));
    claims.put("tenant  ", issuer.claims("acme", "admin").claim("tenant", List.of("acme")));
    claims.put("sub", issuer.claims("acme", "admin").subject(null));
    claims.put("sub ", issuer.claims("acme", "admin").subject("agentflow"));
    claims.put("agent_id", issuer.claims("acme", "agent"));
    claims.put("agent_id ", issuer.claims("acme", "agent").claim("agent_id", ""));
    claims.forEach(
        (claim, of) -> {
          HttpResponse<String> response = get(issuer.signed(of), "/v1/status");
          assertThat(response.statusCode()).as(claim).isEqualTo(403);
          assertThat(problem(response)).isEqualTo("forbidden");
          assertThat(json(response).path("detail").asText())
              .contains("claim " + claim.strip() + " must be");
        });
  }

  @Test
  void the_whole_log_is_for_who_answers_for_the_installation() {
    create(issuer.token("acme", "operator"));
    for (String path : List.of("/v1/audit/verification", "/v1/audit/export")) {
      HttpResponse<String> refused = get(issuer.token("acme", "admin"), path);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(json(refused).path("permission").asText()).isEqualTo("audit:all-tenants");
      assertThat(get(issuer.token("other", "steward"), path).statusCode()).isEqualTo(200);
      assertThat(get(issuer.token("acme", "auditor"), path + "?tenant=acme").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void who_has_no_role_may_do_nothing_and_several_roles_add_up() {
    assertThat(get(issuer.token("acme", "finance"), "/v1/workflows").statusCode()).isEqualTo(403);
    String both = issuer.token("acme", "auditor", "operator");
    assertThat(get(both, "/v1/audit/export?tenant=acme").statusCode()).isNotEqualTo(403);
    create(both);
  }

  private static String agent(String name) {
    HttpResponse<String> registered =
        post(
            issuer.token("acme", "engineer"),
            "/v1/agents",
            "{\"name\":\"%s\",\"role\":\"worker\",\"tools\":[\"%s\"]}".formatted(name, name));
    assertThat(registered.statusCode()).as(registered.body()).isEqualTo(201);
    return json(registered).path("id").asText();
  }

  /** A workflow of one step that only this agent can do. */
  private static void launch(String tool) {
    HttpResponse<String> launched =
        post(
            issuer.token("acme", "operator"),
            "/v1/workflows/launch",
            """
            {"workflow":{"name":"one","intent":"do it"},
             "plan":{"autonomy":"full_auto","steps":[{"id":"do","kind":"tool","tool":"%s"}]}}
            """
                .formatted(tool));
    assertThat(launched.statusCode()).as(launched.body()).isEqualTo(201);
  }

  @Test
  void an_agents_token_acts_as_that_agent_alone() {
    String mine = agent("mine-" + UUID.randomUUID());
    String other = agent("other");
    String token = issuer.agentToken("acme", mine);
    String others = issuer.agentToken("acme", other);
    JsonNode me = json(get(token, "/v1/agents/" + mine));
    launch(me.path("tools").path(0).asText());

    String body = "{\"waitMillis\":20000}";
    JsonNode lease =
        json(post(token, "/v1/agents/" + mine + "/leases", body)).path("leases").path(0);
    String leaseToken = lease.path("leaseToken").asText();
    String workflow = "/v1/workflows/" + lease.path("workflowId").asText();
    long before = position();

    assertForbidden(post(others, "/v1/agents/" + mine + "/leases", body));
    assertForbidden(post(token, "/v1/agents/" + other + "/leases", body));
    assertForbidden(get(token, "/v1/agents/" + other));
    assertForbidden(get(token, "/v1/agents"));
    assertForbidden(get(token, workflow));
    assertForbidden(post(token, "/v1/agents/" + mine + "/capabilities", "{\"tools\":[\"all\"]}"));
    assertForbidden(post(token, workflow + "/cancel", "{\"reason\":\"bored\"}"));

    String held = "{\"leaseToken\":\"%s\"}".formatted(leaseToken);
    String done = "{\"leaseToken\":\"%s\",\"result\":\"r\"}".formatted(leaseToken);
    assertForbidden(post(others, workflow + "/steps/do/heartbeat", held));
    assertForbidden(post(others, workflow + "/steps/do/complete", done));
    assertForbidden(post(others, workflow + "/steps/do/give-back", held));
    assertForbidden(
        post(
            others,
            "/v1/agents/" + other + "/answers",
            "{\"answers\":[{\"workflowId\":\"%s\",\"stepId\":\"do\",\"leaseToken\":\"%s\",\"result\":\"r\"}]}"
                .formatted(lease.path("workflowId").asText(), leaseToken)));
    String message =
        "{\"messageId\":\"m1\",\"role\":\"assistant\",\"from\":\"a\",\"to\":\"b\",\"content\":\"c\"%s}";
    assertForbidden(post(token, workflow + "/messages", message.formatted("")));
    assertForbidden(
        post(
            token,
            workflow + "/tool-calls",
            "{\"callId\":\"c1\",\"agentId\":\"%s\",\"tool\":\"t\",\"arguments\":\"{}\",\"leaseToken\":\"%s\"}"
                .formatted(other, leaseToken)));
    assertThat(position()).as("nothing of what was refused").isEqualTo(before);

    assertOk(post(token, workflow + "/steps/do/heartbeat", held));
    assertOk(
        post(
            token,
            workflow + "/messages",
            message.formatted(",\"leaseToken\":\"" + leaseToken + "\"")));
    assertOk(post(token, workflow + "/steps/do/complete", done));
    assertOk(post(token, workflow + "/steps/do/complete", done));
    assertThat(
            json(get(issuer.token("acme", "viewer"), workflow + "/state"))
                .path("state")
                .path("status")
                .asText())
        .isEqualTo("completed");
  }

  private static void assertForbidden(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(403);
    assertThat(problem(response)).isEqualTo("forbidden");
  }

  private static void assertOk(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  @Test
  void an_agents_token_grants_nothing_by_its_other_roles() {
    String token = issuer.signed(issuer.claims("acme", "admin", "agent").claim("agent_id", AGENT));
    assertForbidden(get(token, "/v1/workflows"));
    assertForbidden(post(token, "/v1/workflows", "{\"name\":\"x\",\"intent\":\"y\"}"));
  }

  @Test
  void a_web_page_with_a_token_is_answered_but_lets_no_other_page_read_it() {
    HttpResponse<String> response =
        send(
            issuer.token("acme", "viewer"), "GET", "/v1/status", "", "Origin", "https://a.example");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void a_server_starts_before_its_issuer_and_says_that_it_cannot_judge_yet() {
    Map<String, String> toDiscover = Map.of("AF_OIDC_ISSUER", "http://127.0.0.1:1");
    Map<String, String> named =
        Map.of("AF_OIDC_ISSUER", issuer.url(), "AF_OIDC_JWKS_URI", "http://127.0.0.1:1/jwks");
    for (Map<String, String> environment : List.of(toDiscover, named)) {
      try (ServerProcess early = ServerProcess.start(environment)) {
        HttpResponse<String> response =
            early.send(
                early
                    .bareRequest("/v1/status")
                    .header("Authorization", "Bearer " + issuer.token("acme", "admin"))
                    .build());
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(problem(response)).isEqualTo("unavailable");
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
      }
    }
  }

  @Test
  void tenant_and_roles_may_be_deeper_in_the_token_and_the_keys_may_be_named() {
    Map<String, String> environment =
        Map.of(
            "AF_OIDC_ISSUER", issuer.url(),
            "AF_OIDC_JWKS_URI", issuer.jwksUrl(),
            "AF_OIDC_AUDIENCE", "elsewhere",
            "AF_TENANT_CLAIM", "org.name",
            "AF_ROLES_CLAIM", "realm_access.roles",
            "AF_BIND", "0.0.0.0");
    try (ServerProcess configured = ServerProcess.start(environment)) {
      JWTClaimsSet.Builder claims =
          issuer
              .claims("acme")
              .audience(List.of("account", "elsewhere"))
              .claim("tenant", null)
              .claim("roles", null)
              .claim("org", Map.of("name", "acme"))
              .claim("realm_access", Map.of("roles", List.of("offline_access", "viewer")));
      for (Map.Entry<String, Integer> expected :
          Map.of(issuer.signed(claims), 200, issuer.token("acme", "viewer"), 401).entrySet()) {
        assertThat(
                configured
                    .send(
                        configured
                            .bareRequest("/v1/status")
                            .header("Authorization", "Bearer " + expected.getKey())
                            .build())
                    .statusCode())
            .isEqualTo(expected.getValue());
      }
    }
  }
}

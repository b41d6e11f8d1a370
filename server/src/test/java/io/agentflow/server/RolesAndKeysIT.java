package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Roles that a tenant has bound and keys that it has issued: two nodes on one database, and an
 * OpenID provider whose people have no roles of their own.
 */
class RolesAndKeysIT {

  private static final String A_WORKFLOW = "{\"name\":\"n\",\"intent\":\"i\"%s}";
  private static final String A_PLAN =
      "{\"steps\":[{\"id\":\"a\",\"kind\":\"wait\",\"waitMillis\":1}]}";
  private static final Duration ELSEWHERE_AFTER = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static TokenIssuer issuer;
  private static ServerProcess first;
  private static ServerProcess second;

  @BeforeAll
  static void start() {
    issuer = new TokenIssuer();
    first = ServerProcess.start(environment(Map.of()));
    second =
        ServerProcess.start(
            environment(
                Map.of(
                    "AF_DATABASE_URL",
                    "postgresql://postgres:%s@localhost:%s/agentflow"
                        .formatted(first.databasePassword(), first.databasePort()))));
  }

  private static Map<String, String> environment(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("AF_OIDC_ISSUER", issuer.url());
    return environment;
  }

  @AfterAll
  static void stop() {
    second.close();
    first.close();
    issuer.close();
  }

  private static String admin(String tenant) {
    return issuer.signed(issuer.claims(tenant, "admin").subject("adam"));
  }

  /** Somebody whose token has no roles. */
  private static String person(String tenant, String name) {
    return issuer.signed(issuer.claims(tenant).subject(name));
  }

  /** A tenant of its own for each test. */
  private static String newTenant() {
    return "t-" + UUID.randomUUID();
  }

  private static HttpResponse<String> get(ServerProcess node, String bearer, String path) {
    return node.send(
        node.bareRequest(path).header("Authorization", "Bearer " + bearer).GET().build());
  }

  private static HttpResponse<String> get(String bearer, String path) {
    return get(first, bearer, path);
  }

  private static HttpResponse<String> post(
      ServerProcess node, String bearer, String path, String body, String... headers) {
    HttpRequest.Builder request =
        node.bareRequest(path)
            .header("Authorization", "Bearer " + bearer)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return node.send(request.build());
  }

  private static HttpResponse<String> post(String bearer, String path, String body) {
    return post(first, bearer, path, body);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body());
  }

  private static JsonNode ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isIn(200, 201);
    return json(response);
  }

  private static void assertForbidden(HttpResponse<String> response, String permission) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(403);
    assertThat(json(response).path("permission").asText()).isEqualTo(permission);
  }

  private static String bind(String tenant, String principal, String role, String where) {
    return ok(post(
            admin(tenant),
            "/v1/access/bindings",
            "{\"principal\":\"%s\",\"role\":\"%s\"%s}".formatted(principal, role, where)))
        .path("id")
        .asText();
  }

  private static void unbind(String tenant, String bindingId) {
    ok(post(admin(tenant), "/v1/access/bindings/" + bindingId + "/remove", ""));
  }

  private static String newKey(String roles, Duration life) {
    return "{\"name\":\"deploy\",\"roles\":[%s],\"expiresAt\":\"%s\"}"
        .formatted(roles, Instant.now().plus(life));
  }

  private static JsonNode issue(String tenant, String roles) {
    return ok(post(admin(tenant), "/v1/access/keys", newKey(roles, Duration.ofDays(1))));
  }

  private static void revoke(String tenant, JsonNode issued) {
    ok(post(admin(tenant), "/v1/access/keys/" + issued.path("id").asText() + "/revoke", ""));
  }

  private static void await(String what, BooleanSupplier so) {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!so.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadlineNanos);
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** Others ask all the while, so that the log is being read when it says something new. */
  @Test
  void who_is_bound_may_and_who_is_not_any_more_may_not_as_soon_as_that_is_answered()
      throws Exception {
    String tenant = newTenant();
    String bob = person(tenant, "bob");
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService others = Executors.newFixedThreadPool(3)) {
      List<Future<?>> asking = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        asking.add(
            others.submit(
                () -> {
                  while (!done.get()) {
                    assertThat(get(bob, "/v1/access/me").statusCode()).isEqualTo(200);
                  }
                }));
      }
      try {
        for (int round = 0; round < 30; round++) {
          assertForbidden(get(bob, "/v1/workflows"), "read:workflows");
          String binding = bind(tenant, "bob", "viewer", "");
          ok(get(bob, "/v1/workflows"));
          unbind(tenant, binding);
        }
      } finally {
        done.set(true);
      }
      for (Future<?> one : asking) {
        one.get();
      }
    }
    assertThat(ok(get(admin(tenant), "/v1/access/bindings")).path("items")).isEmpty();
  }

  @Test
  void a_binding_is_for_its_principal_and_its_tenant_alone() {
    String tenant = newTenant();
    bind(tenant, "bob", "viewer", "");
    ok(get(person(tenant, "bob"), "/v1/workflows"));
    assertForbidden(get(person(tenant, "eve"), "/v1/workflows"), "read:workflows");
    assertForbidden(get(person(newTenant(), "bob"), "/v1/workflows"), "read:workflows");
    String agent = UUID.randomUUID().toString();
    bind(tenant, "service-" + agent, "admin", "");
    assertForbidden(get(issuer.agentToken(tenant, agent), "/v1/workflows"), "read:workflows");
  }

  @Test
  void the_same_is_bound_once_and_listed_and_told_to_whom_it_is_about() {
    String tenant = newTenant();
    String body = "{\"principal\":\"bob\",\"role\":\"operator\",\"project\":\"shop\"}";
    HttpResponse<String> once = post(admin(tenant), "/v1/access/bindings", body);
    HttpResponse<String> twice = post(admin(tenant), "/v1/access/bindings", body);
    assertThat(once.statusCode()).isEqualTo(201);
    assertThat(twice.statusCode()).isEqualTo(200);
    assertThat(json(twice)).isEqualTo(json(once));

    JsonNode items = ok(get(admin(tenant), "/v1/access/bindings")).path("items");
    assertThat(items).hasSize(1);
    assertThat(items.path(0).path("bindingId")).isEqualTo(json(once).path("id"));
    JsonNode me = ok(get(person(tenant, "bob"), "/v1/access/me"));
    assertThat(me.path("access").path(0).path("role").asText()).isEqualTo("operator");
    assertThat(me.path("access").path(0).path("project").asText()).isEqualTo("shop");
    assertThat(me.path("access").path(0).path("permissions").toString())
        .contains("execute:workflows");
    assertThat(ok(get(person(tenant, "eve"), "/v1/access/me")).path("access")).isEmpty();
  }

  @Test
  void nobody_gives_more_than_he_has() {
    String tenant = newTenant();
    String steward = "{\"principal\":\"eve\",\"role\":\"steward\"}";
    assertThat(post(admin(tenant), "/v1/access/bindings", steward).statusCode()).isEqualTo(403);
    assertThat(
            post(admin(tenant), "/v1/access/keys", newKey("\"steward\"", Duration.ofDays(1)))
                .statusCode())
        .isEqualTo(403);
    ok(post(issuer.token(tenant, "admin", "steward"), "/v1/access/bindings", steward));

    bind(tenant, "bob", "engineer", "");
    bind(tenant, "pat", "admin", ",\"project\":\"shop\"");
    for (String who : List.of("bob", "pat", "eve")) {
      assertForbidden(
          post(
              person(tenant, who),
              "/v1/access/bindings",
              "{\"principal\":\"x\",\"role\":\"viewer\"}"),
          "manage:access");
    }
    assertForbidden(get(person(tenant, "bob"), "/v1/access/keys"), "read:access");
    ok(get(issuer.token(tenant, "auditor"), "/v1/access/keys"));
  }

  private static String labels(String project, String environment) {
    return ",\"labels\":{\"project\":\"%s\",\"environment\":\"%s\"}"
        .formatted(project, environment);
  }

  private static String workflow(String bearer, String project, String environment) {
    return ok(post(bearer, "/v1/workflows", A_WORKFLOW.formatted(labels(project, environment))))
        .path("id")
        .asText();
  }

  @Test
  void a_role_counts_in_the_project_or_the_environment_that_it_is_bound_in() {
    String tenant = newTenant();
    String admin = admin(tenant);
    bind(tenant, "pia", "operator", ",\"project\":\"shop\"");
    bind(tenant, "quinn", "operator", ",\"project\":\"shop\",\"environment\":\"test\"");
    String pia = person(tenant, "pia");
    String quinn = person(tenant, "quinn");

    String live = workflow(pia, "shop", "live");
    String test = workflow(quinn, "shop", "test");
    String desk = workflow(admin, "desk", "test");
    String none = ok(post(admin, "/v1/workflows", A_WORKFLOW.formatted(""))).path("id").asText();

    for (String labels :
        List.of("", labels("desk", "live"), ",\"labels\":{\"environment\":\"test\"}")) {
      String create = A_WORKFLOW.formatted(labels);
      assertForbidden(post(pia, "/v1/workflows", create), "execute:workflows");
      String launch = "{\"workflow\":%s,\"plan\":%s}".formatted(create, A_PLAN);
      assertForbidden(post(pia, "/v1/workflows/launch", launch), "execute:workflows");
    }
    HttpResponse<String> refused =
        post(quinn, "/v1/workflows", A_WORKFLOW.formatted(labels("shop", "live")));
    assertForbidden(refused, "execute:workflows");
    assertThat(json(refused).path("scope").path("project").asText()).isEqualTo("shop");
    assertThat(json(refused).path("scope").path("environment").asText()).isEqualTo("live");
    ok(
        post(
            quinn,
            "/v1/workflows/launch",
            "{\"workflow\":%s,\"plan\":%s}"
                .formatted(A_WORKFLOW.formatted(labels("shop", "test")), A_PLAN)));

    ok(post(pia, "/v1/workflows/" + live + "/start", ""));
    ok(post(pia, "/v1/workflows/" + test + "/start", ""));
    for (String path : List.of("/history", "/state", "/diff", "/export", "")) {
      assertThat(get(quinn, "/v1/workflows/" + live + path).statusCode()).isEqualTo(403);
      for (String other : List.of(desk, none, UUID.randomUUID().toString())) {
        assertForbidden(get(pia, "/v1/workflows/" + other + path), "read:workflows");
      }
    }
    ok(get(quinn, "/v1/workflows/" + test + "/history"));
    ok(get(pia, "/v1/workflows/" + test + "/diff?with=" + live));
    for (String other : List.of(live, desk, none, UUID.randomUUID().toString())) {
      assertForbidden(
          get(quinn, "/v1/workflows/" + test + "/diff?with=" + other), "read:workflows");
      assertThat(get(quinn, "/v1/workflows/" + other + "/diff?with=" + test).statusCode())
          .isEqualTo(403);
    }
    for (String tricky : List.of("?with=%s&with=%s".formatted(test, desk), "?with=")) {
      assertThat(get(pia, "/v1/workflows/" + live + "/diff" + tricky).statusCode())
          .as(tricky)
          .isBetween(400, 499);
    }
    assertForbidden(post(pia, "/v1/workflows/" + desk + "/start", ""), "execute:workflows");
    assertThat(get(admin(newTenant()), "/v1/workflows/" + live + "/state").statusCode())
        .isEqualTo(404);
    for (String path : List.of("/v1/agents", "/v1/budgets", "/v1/schedules", "/v1/status")) {
      assertThat(get(pia, path).statusCode()).as(path).isEqualTo(403);
    }
  }

  @Test
  void a_list_is_for_who_may_read_all_that_it_is_about() {
    String tenant = newTenant();
    String admin = admin(tenant);
    bind(tenant, "pia", "viewer", ",\"project\":\"shop\"");
    bind(tenant, "quinn", "viewer", ",\"project\":\"shop\",\"environment\":\"test\"");
    String pia = person(tenant, "pia");
    String quinn = person(tenant, "quinn");
    String live = workflow(admin, "shop", "live");
    String test = workflow(admin, "shop", "test");
    String desk = workflow(admin, "desk", "live");
    String both = workflow(admin, "shop,desk", "live");
    long end = ok(get(admin, "/v1/status")).path("log").path("position").asLong();

    assertThat(ids(admin, "", end)).containsExactlyInAnyOrder(live, test, desk, both);
    assertThat(ids(pia, "?project=shop", end)).containsExactlyInAnyOrder(live, test);
    assertThat(ids(pia, "?project=shop&environment=live", end)).containsExactly(live);
    assertThat(ids(quinn, "?project=shop&environment=test", end)).containsExactly(test);
    assertForbidden(get(pia, "/v1/workflows"), "read:workflows");
    assertForbidden(get(pia, "/v1/workflows?project=desk"), "read:workflows");
    assertForbidden(get(quinn, "/v1/workflows?project=shop"), "read:workflows");
    assertForbidden(get(pia, "/v1/workflows?environment=live"), "read:workflows");
    for (String tricky : List.of("?project=shop&project=desk", "?project=")) {
      assertThat(get(pia, "/v1/workflows" + tricky).statusCode()).as(tricky).isEqualTo(422);
    }
    ok(get(pia, "/v1/approvals?project=shop"));
    assertForbidden(get(pia, "/v1/approvals"), "read:approvals");
    // A stream that is let through would have no end: it is asked for from nowhere.
    assertForbidden(get(pia, "/v1/events?from=nowhere"), "read:events");
    assertForbidden(get(pia, "/v1/events?from=nowhere&workflowId=" + desk), "read:events");
    assertThat(get(pia, "/v1/events?from=nowhere&workflowId=" + live).statusCode()).isEqualTo(422);
    assertForbidden(get(pia, "/v1/messages?text=x"), "read:workflows");
    assertForbidden(get(pia, "/v1/messages?text=x&workflowId=" + desk), "read:workflows");
    assertThat(get(pia, "/v1/messages?text=x&workflowId=" + live).statusCode()).isEqualTo(200);
    assertForbidden(get(pia, "/v1/workflows?text=x"), "read:workflows");
    assertForbidden(get(pia, "/v1/tools"), "read:workflows");
    assertThat(
            get(pia, "/v1/events?from=nowhere&workflowId=%s&workflowId=%s".formatted(live, desk))
                .statusCode())
        .isEqualTo(422);
  }

  private static List<String> ids(String bearer, String query, long consistentWith) {
    List<String> ids = new ArrayList<>();
    ok(first.send(
            first
                .bareRequest("/v1/workflows" + query)
                .header("Authorization", "Bearer " + bearer)
                .header("AF-Consistent-With", Long.toString(consistentWith))
                .GET()
                .build()))
        .path("items")
        .forEach(item -> ids.add(item.path("workflowId").asText()));
    return ids;
  }

  /** An approval asks for roles by name: those that count where the workflow is, do. */
  @Test
  void a_role_that_is_bound_where_a_workflow_is_counts_for_its_approvals() {
    String tenant = newTenant();
    bind(tenant, "pia", "engineer", ",\"project\":\"shop\"");
    bind(tenant, "olga", "engineer", "");
    String workflow = "/v1/workflows/" + workflow(admin(tenant), "shop", "live");
    ok(
        post(
            admin(tenant),
            workflow + "/plan",
            """
            {"autonomy":"full_auto","steps":[{"id":"ok","kind":"approval",
             "approval":{"required":2,"roles":["engineer"]}}]}"""));
    ok(post(admin(tenant), workflow + "/start", ""));
    String approval = workflow + "/approvals/ok.v1";
    long end = ok(get(admin(tenant), "/v1/status")).path("log").path("position").asLong();
    JsonNode asked =
        ok(
            first.send(
                first
                    .bareRequest(workflow + "/approvals")
                    .header("Authorization", "Bearer " + person(tenant, "pia"))
                    .header("AF-Consistent-With", Long.toString(end))
                    .GET()
                    .build()));
    String grant =
        "{\"digest\":\"%s\"}".formatted(asked.path("items").path(0).path("digest").asText());
    assertThat(post(issuer.token(tenant, "admin"), approval + "/grant", grant).statusCode())
        .as("not an engineer")
        .isEqualTo(403);
    ok(post(person(tenant, "pia"), approval + "/grant", grant));
    ok(post(person(tenant, "olga"), approval + "/grant", grant));
  }

  @Test
  void a_key_acts_under_its_own_name_with_its_roles_until_it_is_revoked() {
    String tenant = newTenant();
    JsonNode issued = issue(tenant, "\"operator\"");
    String key = issued.path("key").asText();
    assertThat(key).startsWith("afk." + tenant + "." + issued.path("id").asText() + ".");

    String workflow = workflow(key, "shop", "live");
    JsonNode entry = ok(get(key, "/v1/workflows/" + workflow + "/history")).path("items").path(0);
    assertThat(entry.path("metadata").path("actor").asText())
        .isEqualTo("key:" + issued.path("id").asText());
    assertForbidden(
        post(key, "/v1/budgets", "{\"name\":\"n\",\"limitTokens\":1,\"limitMicroDollars\":1}"),
        "manage:budgets");
    assertThat(get(admin(tenant), "/v1/access/keys").body()).contains(issued.path("id").asText());

    revoke(tenant, issued);
    assertThat(get(key, "/v1/workflows").statusCode()).isEqualTo(401);
    assertThat(ok(get(admin(tenant), "/v1/access/keys")).path("items")).isEmpty();
  }

  @Test
  void a_key_neither_approves_nor_makes_others_whatever_its_roles() {
    String tenant = newTenant();
    String key = issue(tenant, "\"admin\"").path("key").asText();
    assertForbidden(
        post(key, "/v1/access/keys", newKey("\"viewer\"", Duration.ofDays(1))), "manage:access");
    String approval = "/v1/workflows/" + workflow(key, "a", "b") + "/approvals/plan.v1/grant";
    assertForbidden(post(key, approval, "{\"digest\":\"d\"}"), "approve:plans");
    ok(get(key, "/v1/access/bindings"));
  }

  @Test
  void a_key_of_a_project_opens_that_project_alone_and_af_takes_it() {
    String tenant = newTenant();
    String body = newKey("\"viewer\"", Duration.ofDays(1)).replace("}", ",\"project\":\"shop\"}");
    String key = ok(post(admin(tenant), "/v1/access/keys", body)).path("key").asText();
    ok(get(key, "/v1/workflows?project=shop"));
    assertForbidden(get(key, "/v1/workflows"), "read:workflows");
    ServerProcess.Ran me = first.runWith(Map.of("AF_TOKEN", key), "access", "me", "--json");
    assertThat(me.exitCode()).as(me.output()).isZero();
    assertThat(me.json().path("actor").asText()).startsWith("key:");
  }

  @Test
  void a_key_that_is_not_good_is_answered_the_same_whatever_is_wrong_with_it() {
    String tenant = newTenant();
    JsonNode good = issue(tenant, "\"viewer\"");
    JsonNode revoked = issue(tenant, "\"viewer\"");
    revoke(tenant, revoked);
    JsonNode expired =
        ok(post(admin(tenant), "/v1/access/keys", newKey("\"viewer\"", Duration.ofMillis(1_500))));
    await(
        "it expires", () -> get(expired.path("key").asText(), "/v1/workflows").statusCode() == 401);

    String key = good.path("key").asText();
    String id = good.path("id").asText();
    String secret = key.substring(key.lastIndexOf('.') + 1);
    Map<String, String> wrong = new LinkedHashMap<>();
    wrong.put("revoked", revoked.path("key").asText());
    wrong.put("expired", expired.path("key").asText());
    wrong.put("another secret", key.replace(secret, "A".repeat(43)));
    wrong.put("another id", key.replace(id, UUID.randomUUID().toString()));
    wrong.put("another key's id", key.replace(id, revoked.path("id").asText()));
    wrong.put("another tenant", key.replace(tenant, newTenant()));
    wrong.put("cut", key.substring(0, key.length() - 1));
    wrong.put("longer", key + "A");
    wrong.put("no secret", "afk." + tenant + "." + id + ".");
    wrong.put("nothing", "afk.");
    JsonNode first401 = null;
    for (Map.Entry<String, String> entry : wrong.entrySet()) {
      HttpResponse<String> response = get(entry.getValue(), "/v1/workflows");
      assertThat(response.statusCode()).as(entry.getKey()).isEqualTo(401);
      assertThat(response.headers().firstValue("WWW-Authenticate"))
          .hasValue("Bearer error=\"invalid_token\"");
      first401 = first401 == null ? json(response) : first401;
      assertThat(json(response)).as(entry.getKey()).isEqualTo(first401);
    }
    ok(get(key, "/v1/workflows"));
  }

  @Test
  void a_repeat_under_the_same_idempotency_key_is_answered_without_the_secret() {
    String tenant = newTenant();
    String body = newKey("\"viewer\"", Duration.ofDays(1));
    String[] once = {"Idempotency-Key", UUID.randomUUID().toString()};
    JsonNode issued = ok(post(first, admin(tenant), "/v1/access/keys", body, once));
    for (ServerProcess node : List.of(first, second)) {
      HttpResponse<String> again = post(node, admin(tenant), "/v1/access/keys", body, once);
      assertThat(again.statusCode()).isEqualTo(201);
      assertThat(again.headers().firstValue("Idempotency-Replayed")).hasValue("true");
      assertThat(json(again).path("key").isNull()).isTrue();
      assertThat(json(again).path("note").asText()).contains("only then");
      for (String field : List.of("id", "version", "position", "hash")) {
        assertThat(json(again).path(field)).isEqualTo(issued.path(field));
      }
    }
    String[] bound = {"Idempotency-Key", UUID.randomUUID().toString()};
    String bind = "{\"principal\":\"bob\",\"role\":\"viewer\"}";
    HttpResponse<String> binding = post(first, admin(tenant), "/v1/access/bindings", bind, bound);
    assertThat(post(second, admin(tenant), "/v1/access/bindings", bind, bound).body())
        .isEqualTo(binding.body());

    String sameId =
        newKey("\"viewer\"", Duration.ofDays(2))
            .replace("{", "{\"keyId\":\"%s\",".formatted(UUID.randomUUID()));
    JsonNode named = ok(post(admin(tenant), "/v1/access/keys", sameId));
    JsonNode repeated =
        ok(
            post(
                first,
                admin(tenant),
                "/v1/access/keys",
                sameId,
                "Idempotency-Key",
                UUID.randomUUID().toString()));
    assertThat(repeated.path("key").isNull()).isTrue();
    ok(get(named.path("key").asText(), "/v1/workflows"));
  }

  @Test
  void a_secret_is_neither_in_the_log_nor_in_a_receipt_nor_in_what_a_server_prints()
      throws Exception {
    String tenant = newTenant();
    JsonNode issued =
        ok(
            post(
                first,
                admin(tenant),
                "/v1/access/keys",
                newKey("\"viewer\"", Duration.ofDays(1)),
                "Idempotency-Key",
                UUID.randomUUID().toString()));
    String key = issued.path("key").asText();
    ok(get(key, "/v1/workflows"));
    revoke(tenant, issued);
    assertThat(get(key, "/v1/workflows").statusCode()).isEqualTo(401);
    String secret = key.substring(key.lastIndexOf('.') + 1);
    assertThat(rowsWith("log.events", secret)).isZero();
    assertThat(rowsWith("log.receipts", secret)).isZero();
    assertThat(rowsWith("log.events", issued.path("id").asText())).isEqualTo(2);
    for (ServerProcess node : List.of(first, second)) {
      assertThat(Files.readString(node.home().resolve("up.log"))).doesNotContain(secret);
    }
  }

  private static long rowsWith(String table, String text) throws SQLException {
    try (Connection connection = first.connectAsOwner(first.databasePassword());
        PreparedStatement statement =
            connection.prepareStatement(
                "select count(*) from %s as it where position(? in it::text) > 0"
                    .formatted(table))) {
      statement.setString(1, text);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** What a node keeps in memory is what it would not hear of: so each was used there before. */
  @Test
  void what_is_taken_away_on_one_node_counts_on_the_other_a_second_later() {
    String tenant = newTenant();
    String bob = person(tenant, "bob");
    for (int round = 0; round < 3; round++) {
      String binding = bind(tenant, "bob", "viewer", "");
      JsonNode issued = issue(tenant, "\"viewer\"");
      String key = issued.path("key").asText();
      await("bob may", () -> get(second, bob, "/v1/workflows").statusCode() == 200);
      await("the key opens", () -> get(second, key, "/v1/workflows").statusCode() == 200);

      unbind(tenant, binding);
      revoke(tenant, issued);
      long answeredNanos = System.nanoTime();
      assertThat(get(first, bob, "/v1/workflows").statusCode()).isEqualTo(403);
      assertThat(get(first, key, "/v1/workflows").statusCode()).isEqualTo(401);
      LockSupport.parkNanos(answeredNanos + ELSEWHERE_AFTER.toNanos() - System.nanoTime());
      assertThat(get(second, bob, "/v1/workflows").statusCode()).isEqualTo(403);
      assertThat(get(second, key, "/v1/workflows").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void a_storm_of_keys_lets_nobody_pass_and_turns_nobody_away_who_has_a_good_one()
      throws Exception {
    String tenant = newTenant();
    String key = issue(tenant, "\"viewer\"").path("key").asText();
    Random random = new Random(1);
    try (ExecutorService storm = Executors.newFixedThreadPool(16)) {
      List<Future<Integer>> good = new ArrayList<>();
      List<Future<Integer>> bad = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        String wrong =
            switch (random.nextInt(3)) {
              case 0 -> key.substring(0, key.length() - 43) + "B".repeat(43);
              case 1 -> "afk.%s.%s.%s".formatted(tenant, UUID.randomUUID(), "C".repeat(43));
              default -> "afk.%s.%s.%s".formatted(newTenant(), UUID.randomUUID(), "D".repeat(43));
            };
        bad.add(storm.submit(() -> get(wrong, "/v1/workflows").statusCode()));
        good.add(storm.submit(() -> get(key, "/v1/workflows").statusCode()));
      }
      for (Future<Integer> answer : bad) {
        assertThat(answer.get()).isEqualTo(401);
      }
      for (Future<Integer> answer : good) {
        assertThat(answer.get()).isEqualTo(200);
      }
    }
  }

  @Test
  void where_the_log_cannot_be_read_nobody_passes_by_what_was_known_once() throws Exception {
    String tenant = newTenant();
    String key = issue(tenant, "\"viewer\"").path("key").asText();
    bind(tenant, "bob", "viewer", "");
    String bob = person(tenant, "bob");
    ok(get(second, key, "/v1/workflows"));
    ok(get(second, bob, "/v1/workflows"));
    first.asDatabaseOwner(
        "revoke select on log.events, log.head from agentflow_app, agentflow_tenant");
    try {
      long sinceNanos = System.nanoTime();
      LockSupport.parkNanos(sinceNanos + ELSEWHERE_AFTER.toNanos() - System.nanoTime());
      for (String bearer : List.of(key, bob)) {
        HttpResponse<String> response = get(second, bearer, "/v1/access/me");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
        assertThat(json(response).path("type").asText()).isEqualTo("/problems/unavailable");
      }
    } finally {
      first.asDatabaseOwner("grant select on log.events to agentflow_app, agentflow_tenant");
      first.asDatabaseOwner("grant select on log.head to agentflow_app");
    }
    await("it is read again", () -> get(second, key, "/v1/workflows").statusCode() == 200);
  }
}

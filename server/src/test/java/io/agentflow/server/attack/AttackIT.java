package io.agentflow.server.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.agentflow.application.access.Operations;
import io.agentflow.application.access.Permission;
import io.agentflow.application.access.Role;
import io.agentflow.server.ServerProcess;
import io.agentflow.server.TokenIssuer;
import io.agentflow.server.attack.Api.Operation;
import io.agentflow.server.contract.Contract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every operation that the contract describes, asked by everyone who must not: without a token to
 * be trusted, in a role that lacks the permission, from another tenant. An operation that comes to
 * be is asked the same without a word here, or the suite says what it lacks.
 */
class AttackIT {

  private static final String TENANT = "acme";
  private static final String STRANGERS_TENANT = "globex";
  private static final String AGENT = UUID.randomUUID().toString();

  /** What is answered without a look at whether there is such a workflow. */
  private static final Map<String, Integer> OTHER_THAN_404 = Map.of("prolongLease", 409);

  /** What they make has its id within the tenant: another may have the same. */
  private static final Set<String> OF_EACH_TENANT = Set.of("bindRole", "issueKey");

  /** They make nothing: what they name has to be there. */
  private static final Set<String> OF_OTHERS_NOTHING = Set.of("askWhatIf", "beginReplay");

  /** They concern all tenants together. */
  private static final Set<String> OF_STEWARDS = Set.of("repairMirror");

  /** Operations without an id in the path. */
  private static final Set<String> WITHOUT_BELONGINGS =
      Set.of(
          "registerAgent",
          "openBudget",
          "createSchedule",
          "createWorkflow",
          "launchWorkflow",
          "repairMirror",
          "beginReplay",
          "listReplays",
          "askWhatIf",
          "bindRole",
          "issueKey",
          "getStatus",
          "getHealth",
          "getContract");

  /** Answered by JSON lines or a stream without end: read in a way of their own. */
  private static final Set<String> STREAMS = Set.of("streamEvents");

  private static final int TIMED_REQUESTS = 60;

  private static TokenIssuer issuer;
  private static ServerProcess server;
  private static Contract contract;
  private static TenantInUse victim;
  private static String stranger;

  @BeforeAll
  static void start() {
    issuer = new TokenIssuer();
    server =
        ServerProcess.start(Map.of("AF_OIDC_ISSUER", issuer.url(), "PATH", ServerProcess.path()));
    contract = Contract.checkedIn();
    String owner = issuer.token(TENANT, "admin");
    victim =
        new TenantInUse(
            (path, body) -> send(owner, "POST", path, body),
            (path, position) -> send(owner, "GET", path, "", "AF-Consistent-With", position));
    stranger = issuer.token(STRANGERS_TENANT, "admin");
  }

  @AfterAll
  static void stop() {
    server.close();
    issuer.close();
  }

  /** Whatever is answered here has to be as documented, and must not show too much. */
  private static HttpResponse<String> send(
      String token, String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        server
            .bareRequest(path)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    HttpResponse<String> answer = server.send(request.build());
    List<String> faults = new ArrayList<>(contract.faults(answer));
    faults.addAll(Exposure.faults(answer));
    assertThat(faults).as("%s %s: %s", method, path, answer).isEmpty();
    return answer;
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }

  private static String problem(HttpResponse<String> answer) {
    return json(answer).path("type").asString().replace("/problems/", "");
  }

  private static long position() {
    return json(send(issuer.token(TENANT, "viewer"), "GET", "/v1/status", ""))
        .path("log")
        .path("position")
        .asLong();
  }

  /** All that the tables have of the tenant, the log included; what lives on by itself excepted. */
  private static Map<String, String> belongings() {
    Map<String, String> rows = new TreeMap<>();
    try (Connection owner = server.connectAsOwner(server.databasePassword());
        Statement statement = owner.createStatement()) {
      List<String> tables = new ArrayList<>();
      try (ResultSet named =
          statement.executeQuery(
              """
              select table_schema || '.' || table_name from information_schema.columns
              where table_schema in ('log', 'views') and column_name = 'tenant_id'""")) {
        while (named.next()) {
          tables.add(named.getString(1));
        }
      }
      assertThat(tables).contains("log.events", "views.workflows", "views.budgets");
      for (String table : tables) {
        try (ResultSet digest =
            statement.executeQuery(
                "select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)),"
                    + " '') from "
                    + table
                    + " t where tenant_id = '"
                    + TENANT
                    + "'")) {
          digest.next();
          rows.put(table, digest.getString(1));
        }
      }
      try (ResultSet heard =
          statement.executeQuery(
              "select lease_token, lease_until from views.heartbeats where lease_token in ('%s', 'presence:%s')"
                  .formatted(victim.ids().get("leaseToken"), victim.ids().get("agentId")))) {
        while (heard.next()) {
          rows.put(heard.getString(1), heard.getString(2));
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return rows;
  }

  @Test
  void the_document_and_the_table_of_permissions_name_the_same_operations() {
    Set<String> described = new TreeSet<>();
    Api.operations(operation -> !operation.isOpen())
        .forEach(operation -> described.add(operation.inTable()));
    assertThat(described).isEqualTo(new TreeSet<>(Operations.all().keySet()));
  }

  private static Date inMinutes(long minutes) {
    return Date.from(Instant.now().plus(Duration.ofMinutes(minutes)));
  }

  private static JWTClaimsSet.Builder good() {
    return issuer.claims(TENANT, "admin");
  }

  private static Map<String, String> tokensNotToBeTrusted() {
    Map<String, String> tokens = new LinkedHashMap<>();
    tokens.put("has run out", issuer.signed(good().expirationTime(inMinutes(-2))));
    tokens.put("never runs out", issuer.signed(good().expirationTime(null)));
    tokens.put("is not yet valid", issuer.signed(good().notBeforeTime(inMinutes(2))));
    tokens.put("is for somebody else", issuer.signed(good().audience("payroll")));
    tokens.put("is for nobody", issuer.signed(good().audience(List.of())));
    tokens.put("is of somebody else", issuer.signed(good().issuer("http://localhost/evil")));
    tokens.put("is not signed", TokenIssuer.unsigned(good()));
    tokens.put("is signed by what all know", issuer.signedByPublicKeyAsSecret(good()));
    tokens.put("names an unknown key", TokenIssuer.signed(good(), TokenIssuer.newKey(), "unknown"));
    tokens.put(
        "is signed by another key", TokenIssuer.signed(good(), TokenIssuer.newKey(), "company"));
    tokens.put("is no token", "rubbish");
    tokens.put("lost its signature", issuer.signed(good()).replaceAll("[^.]*$", ""));
    tokens.put("was altered", altered(issuer.signed(issuer.claims(TENANT, "viewer"))));
    return tokens;
  }

  /** With the claims of an admin behind the signature of a viewer. */
  private static String altered(String token) {
    String[] parts = token.split("\\.", -1);
    return parts[0] + "." + issuer.signed(good()).split("\\.", -1)[1] + "." + parts[2];
  }

  @Test
  void no_operation_is_carried_out_for_a_token_that_is_not_to_be_trusted() {
    Map<String, String> before = belongings();
    long position = position();
    Map<String, String> tokens = tokensNotToBeTrusted();
    List<Operation> operations = Api.operations(operation -> !operation.isOpen());
    int asked = 0;
    for (Operation operation : operations) {
      for (Map.Entry<String, String> token : tokens.entrySet()) {
        HttpResponse<String> answer =
            send(token.getValue(), operation.method(), ofVictim(operation), bodyOf(operation));
        String what = operation.id() + " by a token that " + token.getKey();
        assertThat(answer.statusCode()).as(what).isEqualTo(401);
        assertThat(problem(answer)).as(what).isEqualTo("unauthenticated");
        assertThat(answer.headers().firstValue("WWW-Authenticate"))
            .as(what)
            .hasValue("Bearer error=\"invalid_token\"");
        assertThat(json(answer).path("detail").asString())
            .as(what)
            .startsWith(
                token.getKey().equals("has run out")
                    ? "the token has run out; "
                    : "this server does not trust the token; ");
        asked++;
      }
    }
    assertThat(asked).isEqualTo(Operations.all().size() * tokens.size());
    assertThat(position()).isEqualTo(position);
    assertThat(belongings()).isEqualTo(before);
  }

  @Test
  void without_a_token_only_what_is_open_is_answered() {
    long position = position();
    for (Operation operation : Api.operations()) {
      HttpResponse<String> answer =
          send("", operation.method(), ofVictim(operation), bodyOf(operation));
      if (operation.isOpen()) {
        assertThat(answer.statusCode()).as(operation.id()).isEqualTo(200);
      } else {
        assertThat(answer.statusCode()).as(operation.id()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate"))
            .as(operation.id())
            .hasValue("Bearer");
        assertThat(json(answer).path("detail").asString()).contains("AF_TOKEN", issuer.url());
      }
    }
    for (String path : List.of("/", "/v1/nothing", "/error", "/v1/health/more")) {
      assertThat(send("", "GET", path, "").statusCode()).as(path).isEqualTo(401);
    }
    assertThat(
            send("", "GET", "/v1/status", "", "AF-Tenant", TENANT, "AF-Roles", "admin")
                .statusCode())
        .as("nobody is who a header says")
        .isEqualTo(401);
    assertThat(position()).isEqualTo(position);
  }

  /** With a body that no operation takes, so that what is let through leaves nothing behind. */
  private static HttpResponse<String> nonsense(Operation operation, String token) {
    String path =
        operation.pathWith(
                variable -> variable.equals("agentId") ? AGENT : UUID.randomUUID().toString())
            + (operation.path().startsWith("/v1/audit") ? "?tenant=" + TENANT : "")
            // A stream that is let through would have no end.
            + (STREAMS.contains(operation.id()) ? "?from=nowhere" : "");
    return send(token, operation.method(), path, operation.isCommand() ? "{\"nonsense\":1}" : "");
  }

  @Test
  void each_role_may_do_what_its_permissions_say_and_nothing_else() {
    long before = position();
    int asked = 0;
    for (Role role : Role.values()) {
      String token =
          role == Role.AGENT
              ? issuer.agentToken(TENANT, AGENT)
              : issuer.token(TENANT, role.word(), "finance");
      for (Operation operation : Api.operations(operation -> !operation.isOpen())) {
        Permission needed =
            Objects.requireNonNull(
                Operations.all().get(operation.inTable()),
                () -> "nobody said what is needed for " + operation.inTable());
        HttpResponse<String> answer = nonsense(operation, token);
        asked++;
        String what = role.word() + ": " + operation.id() + ": " + answer.body();
        if (role == Role.AGENT && operation.id().equals("listAgents")) {
          // Of several agents it may know itself alone.
          assertThat(answer.statusCode()).as(what).isEqualTo(403);
        } else if (role.permissions().contains(needed)) {
          assertThat(answer.statusCode()).as(what).isNotIn(401, 403);
        } else {
          assertThat(answer.statusCode()).as(what).isEqualTo(403);
          assertThat(problem(answer)).as(what).isEqualTo("forbidden");
          assertThat(json(answer).path("permission").asString()).as(what).isEqualTo(needed.word());
        }
      }
    }
    assertThat(asked).isEqualTo(Role.values().length * Operations.all().size());
    assertThat(position()).isEqualTo(before);
  }

  /** What stands for all tenants together, and only a steward touches. */
  private static final Map<String, String> OF_NO_TENANT =
      Map.of(
          "projection",
          "workflows",
          "aggregateId",
          "01234567-89ab-cdef-0123-456789abcdef",
          "repairId",
          "01234567-89ab-cdef-0123-456789abcdef");

  private static boolean namesSomethingOfATenant(Operation operation) {
    return operation.variables().stream().anyMatch(name -> !OF_NO_TENANT.containsKey(name));
  }

  private static String valueOf(Map<String, String> ids, String variable) {
    String value = OF_NO_TENANT.getOrDefault(variable, ids.get(variable));
    assertThat(value)
        .as("a {%s} that tenant %s has: let TenantInUse make one", variable, TENANT)
        .isNotNull();
    return String.valueOf(value);
  }

  private static String ofVictim(Operation operation) {
    return operation.pathWith(variable -> valueOf(victim.ids(), variable));
  }

  /** The document's example, with a reason where it takes none. */
  private static String bodyOf(Operation operation) {
    return operation.example().isMissingNode() ? "" : operation.example().toString();
  }

  /** The example's body, with these ids wherever it names such. */
  private static String bodyOf(Operation operation, Map<String, String> ids) {
    if (operation.body().isMissingNode()) {
      return "";
    }
    assertThat(operation.example().isObject()).as("an example of " + operation.id()).isTrue();
    JsonNode body = operation.example().deepCopy();
    named(body, ids);
    return body.toString();
  }

  private static void named(JsonNode node, Map<String, String> ids) {
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        String id = ids.get(name);
        if (id != null && object.path(name).isString()) {
          object.put(name, id);
        }
      }
    }
    node.forEach(inner -> named(inner, ids));
  }

  /** Ids of the same form that nobody has; what is only looked for within one of those stays. */
  private static Map<String, String> ofNobody() {
    Map<String, String> ids = new HashMap<>(victim.ids());
    ids.replaceAll((name, id) -> id.length() == 36 ? UUID.randomUUID().toString() : id);
    return ids;
  }

  /** An answer without what differs between any two: the ids that were asked for. */
  private record Heard(int status, Set<String> headers, String body) {

    static Heard of(HttpResponse<String> answer, Map<String, String> ids) {
      String body = answer.body();
      for (Map.Entry<String, String> id : ids.entrySet()) {
        body = body.replace(id.getValue(), "{" + id.getKey() + "}");
      }
      Set<String> headers = new TreeSet<>(answer.headers().map().keySet());
      headers.remove("connection"); // Tomcat ends each after a hundred requests.
      return new Heard(answer.statusCode(), headers, body);
    }
  }

  private static HttpResponse<String> ask(Operation operation, Map<String, String> ids) {
    return send(
        stranger,
        operation.method(),
        operation.pathWith(variable -> valueOf(ids, variable)),
        bodyOf(operation, ids));
  }

  @Test
  void what_another_tenant_has_is_answered_as_what_nobody_has() {
    Map<String, String> before = belongings();
    long position = position();
    List<Operation> operations = Api.operations(AttackIT::namesSomethingOfATenant);
    List<String> differences = new ArrayList<>();
    for (Operation operation : operations) {
      Map<String, String> nobodys = ofNobody();
      HttpResponse<String> there = ask(operation, victim.ids());
      HttpResponse<String> nowhere = ask(operation, nobodys);
      Heard heard = Heard.of(there, victim.ids());
      if (!heard.equals(Heard.of(nowhere, nobodys))) {
        differences.add(
            "%s: %s, but for what nobody has %s"
                .formatted(operation.id(), heard, Heard.of(nowhere, nobodys)));
      }
      if (heard.status() != OTHER_THAN_404.getOrDefault(operation.id(), 404)) {
        differences.add(operation.id() + " answers " + heard);
      }
      if (there.body().contains(TenantInUse.CANARY)) {
        differences.add(operation.id() + " tells: " + there.body());
      }
    }
    assertThat(differences).isEmpty();
    assertThat(position()).isEqualTo(position);
    assertThat(belongings()).isEqualTo(before);
  }

  @Test
  void what_another_tenant_has_of_another_kind_is_answered_as_what_nobody_has() {
    List<String> kinds = List.of("workflowId", "agentId", "budgetId", "scheduleId");
    long position = position();
    List<String> differences = new ArrayList<>();
    for (Operation operation : Api.operations(AttackIT::namesSomethingOfATenant)) {
      String kind = operation.variables().getFirst();
      Map<String, String> others = new HashMap<>(victim.ids());
      others.put(kind, victim.ids().get(kinds.get((kinds.indexOf(kind) + 1) % kinds.size())));
      Map<String, String> nobodys = ofNobody();
      Heard there = Heard.of(ask(operation, others), Map.of(kind, valueOf(others, kind)));
      Heard nowhere = Heard.of(ask(operation, nobodys), Map.of(kind, valueOf(nobodys, kind)));
      if (!there.equals(nowhere)) {
        differences.add(
            "%s: %s, but for what nobody has %s".formatted(operation.id(), there, nowhere));
      }
    }
    assertThat(differences).isEmpty();
    assertThat(position()).isEqualTo(position);
  }

  @Test
  void lists_streams_and_exports_tell_nothing_of_another_tenant() throws Exception {
    List<Operation> reading =
        Api.operations(
            operation ->
                !operation.isOpen() && operation.variables().isEmpty() && !operation.isCommand());
    String own = UUID.randomUUID().toString();
    send(
        stranger,
        "POST",
        "/v1/workflows",
        "{\"workflowId\":\"%s\",\"name\":\"n\",\"intent\":\"i\"}".formatted(own));
    for (Operation operation : reading) {
      String search = "?text=" + TenantInUse.CANARY;
      boolean isSearch = operation.id().equals("findMessages");
      List<String> queries = new ArrayList<>(List.of(isSearch ? search : ""));
      for (JsonNode parameter : operation.parametersIn("query")) {
        String name = parameter.path("name").asString();
        String id = victim.ids().get(name);
        if (id != null) {
          queries.add((isSearch ? search + "&" : "?") + name + "=" + id);
        } else if (name.equals("text")) {
          queries.add(search);
        }
      }
      for (String query : queries) {
        String told =
            switch (operation.id()) {
              case "streamEvents" -> streamed(query + (query.isEmpty() ? "?" : "&") + "from=0");
              case "verifyLog", "exportLog" -> {
                assertThat(
                        send(stranger, "GET", operation.path() + "?tenant=" + TENANT, "")
                            .statusCode())
                    .isEqualTo(404);
                assertThat(send(stranger, "GET", operation.path(), "").statusCode()).isEqualTo(403);
                yield send(stranger, "GET", operation.path() + "?tenant=" + STRANGERS_TENANT, "")
                    .body();
              }
              case "verifyMirror" -> {
                HttpResponse<String> answer = send(stranger, "GET", operation.path(), "");
                assertThat(answer.statusCode()).isEqualTo(403);
                yield answer.body();
              }
              default -> {
                HttpResponse<String> answer = send(stranger, "GET", operation.path() + query, "");
                assertThat(answer.statusCode()).as(operation.path() + query).isEqualTo(200);
                yield answer.body();
              }
            };
        String what = operation.id() + query;
        assertThat(told).as(what).isNotEmpty().doesNotContain(TenantInUse.CANARY);
      }
    }
    assertThat(streamed("?from=0")).contains(own);
  }

  /** All that a stream tells until it has caught up. */
  private static String streamed(String query) throws IOException, InterruptedException {
    HttpResponse<java.io.InputStream> answer =
        HttpClient.newHttpClient()
            .send(
                server
                    .bareRequest("/v1/events" + query)
                    .header("Authorization", "Bearer " + stranger)
                    .build(),
                BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Exposure.faults(answer.statusCode(), answer.headers(), "")).isEmpty();
    StringBuilder told = new StringBuilder();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null && !line.contains("caught-up")) {
        told.append(line).append('\n');
        line = lines.readLine();
      }
    }
    return told + "caught up";
  }

  @Test
  void what_names_another_tenants_things_in_its_body_gets_nothing_of_them() {
    Map<String, String> before = belongings();
    Set<String> asked = new TreeSet<>();
    List<Operation> operations =
        Api.operations(operation -> operation.variables().isEmpty() && operation.isCommand());
    for (Operation operation : operations) {
      Map<String, String> nobodys = ofNobody();
      HttpResponse<String> there = ask(operation, victim.ids());
      HttpResponse<String> nowhere = ask(operation, nobodys);
      assertThat(there.body()).as(operation.id()).doesNotContain(TenantInUse.CANARY);
      asked.add(operation.id());
      if (OF_STEWARDS.contains(operation.id())) {
        assertThat(List.of(nowhere.statusCode(), there.statusCode())).containsOnly(403);
      } else if (OF_OTHERS_NOTHING.contains(operation.id())) {
        assertThat(Heard.of(there, victim.ids())).isEqualTo(Heard.of(nowhere, nobodys));
        assertThat(there.statusCode()).isEqualTo(404);
      } else if (OF_EACH_TENANT.contains(operation.id())) {
        assertThat(List.of(nowhere.statusCode(), there.statusCode()))
            .as(operation.id() + there.body())
            .allMatch(status -> status < 300);
      } else {
        // An id is one over all tenants: whoever takes another's learns that it is taken, no more.
        assertThat(nowhere.statusCode()).as(operation.id() + nowhere.body()).isEqualTo(201);
        assertThat(there.statusCode()).as(operation.id()).isEqualTo(409);
        assertThat(problem(there)).as(operation.id()).isEqualTo("already-exists");
      }
    }
    assertThat(WITHOUT_BELONGINGS)
        .as(
            "operations without an id in the path: say what another tenant's ids do in their bodies")
        .containsAll(asked);
    assertThat(belongings()).isEqualTo(before);
  }

  @Test
  void a_workflow_spends_nothing_of_another_tenants_budget_and_is_done_by_none_of_its_agents() {
    Map<String, String> before = belongings();
    List<Heard> heard = new ArrayList<>();
    for (Map<String, String> ids : List.of(victim.ids(), ofNobody())) {
      for (String step :
          List.of(
              "{\"id\":\"a\",\"kind\":\"agent\",\"capability\":\"writing\"}",
              "{\"id\":\"a\",\"kind\":\"agent\",\"agentId\":\"%s\"}".formatted(ids.get("agentId")),
              "{\"id\":\"a\",\"kind\":\"wait\",\"waitMillis\":1000,\"estimate\":{\"tokens\":5}}")) {
        HttpResponse<String> answer =
            send(
                stranger,
                "POST",
                "/v1/workflows/launch",
                """
                {"workflow":{"name":"n","intent":"i","budgetId":"%s"},
                 "plan":{"steps":[%s]}}"""
                    .formatted(ids.get("budgetId"), step));
        Heard said = Heard.of(answer, ids);
        heard.add(
            new Heard(
                said.status(), said.headers(), answer.statusCode() == 201 ? "" : said.body()));
      }
    }
    assertThat(heard.subList(0, 3)).isEqualTo(heard.subList(3, 6));
    assertThat(belongings()).isEqualTo(before);
  }

  /**
   * Shows that the two are answered by work of the same kind, so that a look at the clock of one
   * request tells nothing; a difference of less than the factor, measured over many, it does not
   * show.
   */
  @Test
  void what_another_tenant_has_takes_about_as_long_as_what_nobody_has() {
    for (String path : List.of("/v1/workflows/%s", "/v1/workflows/%s/history")) {
      assertAlike(path, "GET");
    }
    assertAlike("/v1/workflows/%s/start", "POST");
  }

  private static void assertAlike(String path, String method) {
    List<Long> there = new ArrayList<>();
    List<Long> nowhere = new ArrayList<>();
    for (int i = 0; i < TIMED_REQUESTS; i++) {
      there.add(nanosOf(method, path.formatted(victim.ids().get("workflowId"))));
      nowhere.add(nanosOf(method, path.formatted(UUID.randomUUID())));
    }
    double ratio = median(there) / median(nowhere);
    assertThat(ratio).as(method + " " + path).isBetween(0.2, 5.0);
  }

  private static long nanosOf(String method, String path) {
    HttpRequest request =
        server
            .bareRequest(path)
            .method(method, BodyPublishers.noBody())
            .header("Authorization", "Bearer " + stranger)
            .build();
    long begun = System.nanoTime();
    int status = server.send(request).statusCode();
    long nanos = System.nanoTime() - begun;
    assertThat(status).isEqualTo(404);
    return nanos;
  }

  private static double median(List<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  @Test
  void a_path_that_tries_to_slip_past_is_refused_as_a_problem() {
    for (String path : List.of("/v1//status", "/v1/health/..;/status", "/v1/%2e%2e/status")) {
      HttpResponse<String> answer = send("", "GET", path, "");
      assertThat(answer.statusCode()).as(path).isIn(400, 401);
      assertThat(json(answer).path("status").asInt()).as(path).isEqualTo(answer.statusCode());
    }
  }

  private static String posted(String... headers) {
    return "POST /v1/workflows HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n"
        .formatted(String.join("\r\n", headers));
  }

  /** What no HTTP client sends, and what Tomcat answers before we hear of it. */
  @Test
  void what_is_no_request_is_refused_without_a_word_about_us() throws Exception {
    List<String> requests =
        List.of(
            "GET /v1/status",
            "GET /v1/status HTTP/9.9\r\nHost: localhost\r\n\r\n",
            "GET /v1/sta tus HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /v1/<script>alert(1)</script> HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(100_000) + "\r\n\r\n",
            posted("Content-Length: 5", "Content-Length: 6") + "abcdef",
            posted("Content-Length: -1"),
            posted("Content-Length: 4", "Transfer-Encoding: chunked")
                + "0\r\n\r\nGET /v1/status HTTP/1.1\r\n\r\n",
            posted("Transfer-Encoding: rubbish"),
            posted("Transfer-Encoding: chunked") + "zz\r\n",
            "TRACE /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
    long position = position();
    List<String> faults = new ArrayList<>();
    for (String request : requests) {
      String answer = Wire.exchange(server.bareRequest("/").build().uri(), request);
      String begin = request.substring(0, Math.min(60, request.length())).replace("\r\n", " | ");
      if (!answer.isEmpty()
          && !answer.startsWith("HTTP/1.1 4")
          && !answer.startsWith("HTTP/1.1 5")) {
        faults.add(begin + " is answered " + answer);
      }
      if (WORDS_ABOUT_US.matcher(answer).find()) {
        faults.add(begin + " tells: " + answer);
      }
    }
    assertThat(faults).isEmpty();
    assertThat(position()).isEqualTo(position);
  }

  private static final Pattern WORDS_ABOUT_US =
      Pattern.compile("(?i)tomcat|apache|jetty|spring|java|exception|\\bat org\\.|server:");

  @Test
  void every_operation_is_asked_by_a_stranger_in_one_way_or_another() {
    Set<String> all =
        Api.operations().stream().map(Operation::id).collect(Collectors.toCollection(TreeSet::new));
    Set<String> asked = new TreeSet<>(WITHOUT_BELONGINGS);
    Api.operations(
            operation ->
                !operation.variables().isEmpty() || !(operation.isCommand() || operation.isOpen()))
        .forEach(operation -> asked.add(operation.id()));
    assertThat(asked).isEqualTo(all);
    assertThat(all).containsAll(OTHER_THAN_404.keySet()).containsAll(STREAMS);
    assertThat(Arrays.stream(Role.values())).isNotEmpty();
  }
}

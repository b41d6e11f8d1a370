package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.lang.reflect.Method;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whatever is wrong with a command: its caller is told what, and nothing is appended. */
class RefusedCommandsIT {

  private static final String UNKNOWN = "018f4e6a-0000-7000-8000-00000000dead";
  private static final String NO_BODY = "";
  private static final String A_PLAN =
      "{\"steps\":[{\"id\":\"a\",\"kind\":\"wait\",\"waitMillis\":1}]}";

  /** Every command, with all that its body has to have and nothing else. */
  private static final Map<String, String> COMMANDS =
      Map.ofEntries(
          Map.entry("/v1/workflows", "{\"name\":\"n\",\"intent\":\"i\"}"),
          Map.entry(
              "/v1/workflows/launch",
              "{\"workflow\":{\"name\":\"n\",\"intent\":\"i\"},\"plan\":%s}".formatted(A_PLAN)),
          Map.entry("/v1/workflows/{workflowId}/start", NO_BODY),
          Map.entry(
              "/v1/workflows/{workflowId}/messages",
              "{\"messageId\":\"m\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\",\"content\":\"c\"}"),
          Map.entry(
              "/v1/workflows/{workflowId}/tool-calls",
              "{\"callId\":\"c\",\"agentId\":\"%s\",\"tool\":\"t\",\"arguments\":\"{}\"}"
                  .formatted(UNKNOWN)),
          Map.entry(
              "/v1/workflows/{workflowId}/tool-results", "{\"callId\":\"c\",\"result\":\"r\"}"),
          Map.entry("/v1/workflows/{workflowId}/complete", "{\"result\":\"r\"}"),
          Map.entry("/v1/workflows/{workflowId}/fail", "{\"reason\":\"r\"}"),
          Map.entry("/v1/workflows/{workflowId}/plan", "{\"steps\":[]}"),
          Map.entry("/v1/workflows/{workflowId}/restart", "{\"fromStepId\":\"a\"}"),
          Map.entry("/v1/workflows/{workflowId}/pause", "{\"reason\":\"r\"}"),
          Map.entry("/v1/workflows/{workflowId}/resume", NO_BODY),
          Map.entry("/v1/workflows/{workflowId}/cancel", "{\"reason\":\"r\"}"),
          Map.entry("/v1/workflows/{workflowId}/signals", "{\"name\":\"go\"}"),
          Map.entry("/v1/workflows/{workflowId}/approvals/x/grant", "{\"digest\":\"d\"}"),
          Map.entry("/v1/workflows/{workflowId}/approvals/x/deny", "{\"reason\":\"r\"}"),
          Map.entry("/v1/workflows/{workflowId}/approvals/x/delegate", "{\"to\":\"bob\"}"),
          Map.entry(
              "/v1/workflows/{workflowId}/steps/a/complete",
              "{\"leaseToken\":\"t\",\"result\":\"r\"}"),
          Map.entry(
              "/v1/workflows/{workflowId}/steps/a/fail", "{\"leaseToken\":\"t\",\"reason\":\"r\"}"),
          Map.entry(
              "/v1/workflows/{workflowId}/steps/a/progress",
              "{\"leaseToken\":\"t\",\"note\":\"n\"}"),
          Map.entry("/v1/workflows/{workflowId}/steps/a/give-back", "{\"leaseToken\":\"t\"}"),
          Map.entry("/v1/workflows/{workflowId}/steps/a/heartbeat", "{\"leaseToken\":\"t\"}"),
          Map.entry("/v1/workflows/{workflowId}/steps/a/retry", NO_BODY),
          Map.entry("/v1/agents", "{\"name\":\"n\",\"role\":\"r\"}"),
          Map.entry("/v1/agents/{agentId}/capabilities", "{}"),
          Map.entry("/v1/agents/{agentId}/suspend", "{\"reason\":\"r\"}"),
          Map.entry("/v1/agents/{agentId}/activate", NO_BODY),
          Map.entry("/v1/agents/{agentId}/retire", "{\"reason\":\"r\"}"),
          Map.entry("/v1/agents/{agentId}/leases", "{}"),
          Map.entry("/v1/agents/{agentId}/leases/end-waits", NO_BODY),
          Map.entry("/v1/agents/{agentId}/answers", "{\"answers\":[]}"),
          Map.entry("/v1/budgets", "{\"name\":\"n\",\"limitTokens\":1,\"limitMicroDollars\":1}"),
          Map.entry("/v1/budgets/{budgetId}/limit", "{}"),
          Map.entry("/v1/budgets/{budgetId}/close", NO_BODY),
          Map.entry("/v1/budgets/{budgetId}/allocations", "{\"name\":\"s\"}"),
          Map.entry("/v1/budgets/{budgetId}/reservations", "{\"reservationId\":\"r\"}"),
          Map.entry("/v1/budgets/{budgetId}/reservations/r/settle", "{}"),
          Map.entry("/v1/budgets/{budgetId}/reservations/r/release", NO_BODY),
          Map.entry(
              "/v1/schedules",
              """
              {"name":"n","cron":"0 0 1 1 *","workflow":{"name":"n","intent":"i","plan":%s}}"""
                  .formatted(A_PLAN)),
          Map.entry("/v1/schedules/{scheduleId}/trigger", NO_BODY),
          Map.entry("/v1/schedules/{scheduleId}/pause", "{\"reason\":\"r\"}"),
          Map.entry("/v1/schedules/{scheduleId}/resume", NO_BODY),
          Map.entry("/v1/schedules/{scheduleId}/delete", NO_BODY),
          Map.entry("/v1/access/bindings", "{\"principal\":\"p\",\"role\":\"viewer\"}"),
          Map.entry("/v1/access/bindings/{bindingId}/remove", NO_BODY),
          Map.entry(
              "/v1/access/keys",
              "{\"name\":\"n\",\"roles\":[\"viewer\"],\"expiresAt\":\"$tomorrow\"}"),
          Map.entry("/v1/access/keys/{keyId}/revoke", NO_BODY));

  private static final String PLAN =
      """
      {"autonomy":"$autonomy","steps":[{"id":"a","kind":"tool","tool":"refused"},
       {"id":"b","kind":"tool","tool":"refused","needs":["a"]}]}
      """;

  private static ServerProcess server;
  private static final Map<String, String> IDS = new TreeMap<>();

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
    String worker = id("/v1/agents", "{\"name\":\"w\",\"role\":\"w\",\"tools\":[\"refused\"]}");
    IDS.put("$agent", worker);
    IDS.put("$retired", id("/v1/agents", "{\"name\":\"w\",\"role\":\"w\"}"));
    ok("/v1/agents/" + IDS.get("$retired") + "/retire", "{\"reason\":\"old\"}");
    IDS.put("$created", workflow());
    IDS.put("$asking", planned("approve_all"));
    IDS.put("$working", planned("full_auto"));
    ok("/v1/workflows/" + IDS.get("$working") + "/start", NO_BODY);
    JsonNode lease =
        json(ok(
                "/v1/agents/" + worker + "/leases",
                "{\"waitMillis\":20000,\"leaseMillis\":600000}"))
            .path("leases")
            .path(0);
    assertThat(lease.path("workflowId").asText()).isEqualTo(IDS.get("$working"));
    IDS.put("$lease", lease.path("leaseToken").asText());
    IDS.put("$cancelled", planned("full_auto"));
    ok("/v1/workflows/" + IDS.get("$cancelled") + "/cancel", "{\"reason\":\"not wanted\"}");
    IDS.put("$budget", budget());
    ok(
        "/v1/budgets/" + IDS.get("$budget") + "/reservations",
        "{\"reservationId\":\"held\",\"tokens\":60}");
    ok(
        "/v1/budgets/" + IDS.get("$budget") + "/reservations",
        "{\"reservationId\":\"over\",\"tokens\":5}");
    ok("/v1/budgets/" + IDS.get("$budget") + "/reservations/over/settle", "{\"tokens\":5}");
    ok(
        "/v1/budgets/" + IDS.get("$budget") + "/reservations",
        "{\"reservationId\":\"free\",\"tokens\":5}");
    ok("/v1/budgets/" + IDS.get("$budget") + "/reservations/free/release", NO_BODY);
    IDS.put("$shut", budget());
    ok("/v1/budgets/" + IDS.get("$shut") + "/close", NO_BODY);
    IDS.put("$schedule", id("/v1/schedules", body("/v1/schedules")));
    IDS.put("$deleted", id("/v1/schedules", body("/v1/schedules")));
    ok("/v1/schedules/" + IDS.get("$deleted") + "/delete", NO_BODY);
    IDS.put("$unknown", UNKNOWN);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String workflow() {
    return id("/v1/workflows", "{\"name\":\"run\",\"intent\":\"\"}");
  }

  private static String planned(String autonomy) {
    String workflowId = workflow();
    ok("/v1/workflows/" + workflowId + "/plan", PLAN.replace("$autonomy", autonomy));
    return workflowId;
  }

  private static String budget() {
    return id("/v1/budgets", "{\"name\":\"b\",\"limitTokens\":100,\"limitMicroDollars\":100}");
  }

  private static HttpResponse<String> ok(String path, String body) {
    HttpResponse<String> response = server.post(path, body, server.by("planner"));
    assertThat(response.statusCode()).as(path + ": " + response.body()).isBetween(200, 201);
    return response;
  }

  private static JsonNode json(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body());
  }

  private static String id(String path, String body) {
    return json(ok(path, body)).path("id").asText();
  }

  private static String filled(String text) {
    String filled = text;
    for (Map.Entry<String, String> id : IDS.entrySet()) {
      filled = filled.replace(id.getKey(), id.getValue());
    }
    return filled;
  }

  private static void refuses(int status, String slug, String path, String body) {
    long before = server.position();
    HttpResponse<String> response = server.post(path, body, server.by("planner"));
    String what = "%s %s: %s".formatted(path, body, response.body());
    assertThat(response.statusCode()).as(what).isEqualTo(status);
    assertThat(json(response).path("type").asText()).as(what).isEqualTo("/problems/" + slug);
    assertThat(json(response).path("detail").asText()).as(what).isNotBlank();
    assertThat(response.body()).doesNotContain("Exception");
    assertThat(server.position()).as("appended by " + what).isEqualTo(before);
  }

  /** Whoever adds a command adds what its body has to have. */
  @Test
  void every_command_is_tried_here() throws ClassNotFoundException {
    TreeSet<String> tried = new TreeSet<>();
    COMMANDS
        .keySet()
        .forEach(path -> tried.add(path.replaceAll("/(x|a|r|\\{[a-zA-Z]+})(?=/|$)", "/*")));
    TreeSet<String> offered = new TreeSet<>();
    ClassPathScanningCandidateComponentProvider scan =
        new ClassPathScanningCandidateComponentProvider(false);
    scan.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
    for (var found : scan.findCandidateComponents("io.agentflow")) {
      Class<?> type = Class.forName(found.getBeanClassName());
      RequestMapping prefix =
          AnnotatedElementUtils.findMergedAnnotation(type, RequestMapping.class);
      for (Method method : type.getDeclaredMethods()) {
        PostMapping post = AnnotatedElementUtils.findMergedAnnotation(method, PostMapping.class);
        if (post != null) {
          String path =
              (prefix == null ? "" : String.join("", prefix.path())) + String.join("", post.path());
          // What appends nothing by design is refused in ProjectionsIT, WhatIfIT, MirrorOverHttpIT
          // and ReplaysIT.
          if (!path.matches("/v1/(projections|what-ifs|replays|bridge).*")) {
            offered.add(path.replaceAll("\\{[a-zA-Z]+}", "*"));
          }
        }
      }
    }
    assertThat(tried).isEqualTo(offered);
  }

  private static Stream<String> all() {
    return COMMANDS.keySet().stream().sorted();
  }

  private static Stream<String> withBody() {
    return all().filter(path -> !Objects.equals(COMMANDS.get(path), NO_BODY));
  }

  private static Stream<String> withId() {
    return all().filter(path -> path.contains("{"));
  }

  private static String body(String path) {
    return Objects.requireNonNull(COMMANDS.get(path))
        .replace("$tomorrow", Instant.now().plus(Duration.ofDays(1)).toString());
  }

  private static String at(String path, String id) {
    return path.replaceAll("\\{[a-zA-Z]+}", id);
  }

  /** One that there is, so that only what the body says is wrong. */
  private static String atOneThatThereIs(String path) {
    String kind =
        path.contains("{agentId}")
            ? "$agent"
            : path.contains("{budgetId}")
                ? "$budget"
                : path.contains("{scheduleId}") ? "$schedule" : "$created";
    return at(path, Objects.requireNonNull(IDS.get(kind)));
  }

  @ParameterizedTest
  @MethodSource("withBody")
  void a_body_that_is_no_json_or_no_object_or_has_a_field_too_many(String path) {
    String url = atOneThatThereIs(path);
    boolean plan = path.endsWith("/plan");
    refuses(400, "malformed-json", url, "{\"name\"");
    refuses(400, "malformed-json", url, NO_BODY);
    refuses(422, plan ? "invalid-plan" : "invalid-field", url, "[]");
    ObjectNode more = (ObjectNode) CanonicalJson.parse(body(path));
    refuses(
        plan ? 422 : 400,
        plan ? "invalid-plan" : "unknown-field",
        url,
        more.put("colour", "red").toString());
  }

  @ParameterizedTest
  @MethodSource("withBody")
  void a_body_that_lacks_a_field_or_has_one_of_the_wrong_type(String path) {
    String url = atOneThatThereIs(path);
    ObjectNode body = (ObjectNode) CanonicalJson.parse(body(path));
    List<String> fields = new ArrayList<>();
    body.fieldNames().forEachRemaining(fields::add);
    for (String field : fields) {
      boolean plan = path.endsWith("/plan");
      String slug = plan ? "invalid-plan" : "invalid-field";
      boolean isNumber = body.path(field).isNumber();
      if (!isNumber) {
        refuses(422, slug, url, body.deepCopy().without(field).toString());
      }
      ObjectNode wrong = body.deepCopy();
      wrong.putObject(field);
      refuses(422, field.equals("plan") ? "invalid-plan" : slug, url, wrong.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("withId")
  void an_id_that_is_unknown_or_none_or_that_of_another_kind(String path) {
    // A lease is looked for by its token: that the workflow is not there is the lesser news.
    boolean heartbeat = path.endsWith("/heartbeat");
    if (!path.endsWith("/answers")) {
      refuses(
          heartbeat ? 409 : 404,
          heartbeat ? "lease-lost" : "not-found",
          at(path, UNKNOWN),
          body(path));
      String other = path.contains("{budgetId}") ? "$agent" : "$budget";
      refuses(
          heartbeat ? 409 : 404,
          heartbeat ? "lease-lost" : "not-found",
          at(path, Objects.requireNonNull(IDS.get(other))),
          body(path));
    }
    if (!heartbeat) {
      refuses(422, "invalid-field", at(path, "not-a-uuid"), body(path));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "409 | wrong-state | /v1/workflows/$asking/start | {}",
        "409 | wrong-state | /v1/workflows/$cancelled/plan | {\"steps\":[{\"id\":\"z\",\"kind\":\"wait\",\"waitMillis\":1}]}",
        "409 | wrong-state | /v1/workflows/$working/plan | {\"steps\":[{\"id\":\"z\",\"kind\":\"wait\",\"waitMillis\":1}]}",
        "409 | wrong-state | /v1/workflows/$working/plan | {\"autonomy\":\"plan_only\",\"steps\":[{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"refused\"}]}",
        "422 | invalid-plan | /v1/workflows/$created/plan | {\"steps\":[{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"refused\",\"needs\":[\"a\"]}]}",
        "422 | invalid-plan | /v1/workflows/$created/plan | {\"steps\":[{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"none has it\"}]}",
        "422 | invalid-plan | /v1/workflows/$created/plan | {\"steps\":[]}",
        "409 | wrong-state | /v1/workflows/$created/pause | {\"reason\":\"r\"}",
        "422 | invalid-field | /v1/workflows/$working/pause | {\"reason\":\"  \"}",
        "409 | wrong-state | /v1/workflows/$created/resume | {}",
        "409 | wrong-state | /v1/workflows/$cancelled/pause | {\"reason\":\"r\"}",
        "409 | wrong-state | /v1/workflows/$working/complete | {\"result\":\"r\"}",
        "409 | wrong-state | /v1/workflows/$working/fail | {\"reason\":\"r\"}",
        "409 | wrong-state | /v1/workflows/$cancelled/complete | {\"result\":\"r\"}",
        "409 | wrong-state | /v1/workflows/$cancelled/signals | {\"name\":\"go\"}",
        "409 | wrong-state | /v1/workflows/$cancelled/messages | {\"messageId\":\"m\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\",\"content\":\"c\"}",
        "409 | wrong-state | /v1/workflows/$created/tool-calls | {\"callId\":\"c\",\"agentId\":\"$agent\",\"tool\":\"t\",\"arguments\":\"{}\"}",
        "409 | lease-lost | /v1/workflows/$working/messages | {\"messageId\":\"m\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\",\"content\":\"c\",\"leaseToken\":\"old\"}",
        "409 | wrong-state | /v1/workflows/$created/restart | {\"fromStepId\":\"a\"}",
        "404 | not-found | /v1/workflows/$working/restart | {\"fromStepId\":\"none\"}",
        "422 | invalid-field | /v1/workflows/$working/restart | {\"fromStepId\":\"a\",\"workflowId\":\"x\"}",
        "409 | lease-lost | /v1/workflows/$working/steps/a/complete | {\"leaseToken\":\"old\",\"result\":\"r\"}",
        "409 | lease-lost | /v1/workflows/$working/steps/b/complete | {\"leaseToken\":\"$lease\",\"result\":\"r\"}",
        "409 | lease-lost | /v1/workflows/$working/steps/none/complete | {\"leaseToken\":\"$lease\",\"result\":\"r\"}",
        "409 | lease-lost | /v1/workflows/$asking/steps/a/complete | {\"leaseToken\":\"$lease\",\"result\":\"r\"}",
        "409 | lease-lost | /v1/workflows/$cancelled/steps/a/fail | {\"leaseToken\":\"$lease\",\"reason\":\"r\"}",
        "409 | lease-lost | /v1/workflows/$working/steps/a/fail | {\"leaseToken\":\"old\",\"reason\":\"r\"}",
        "409 | lease-lost | /v1/workflows/$working/steps/a/progress | {\"leaseToken\":\"old\",\"note\":\"n\",\"percent\":1}",
        "409 | lease-lost | /v1/workflows/$working/steps/a/heartbeat | {\"leaseToken\":\"old\"}",
        "422 | invalid-field | /v1/workflows/$working/steps/a/heartbeat | {\"leaseToken\":\"$lease\",\"leaseMillis\":1}",
        "422 | invalid-field | /v1/workflows/$working/steps/a/progress | {\"leaseToken\":\"$lease\",\"note\":\"n\",\"percent\":101}",
        "422 | invalid-field | /v1/workflows/$working/steps/a/complete | {\"leaseToken\":\"$lease\",\"result\":\"r\",\"tokens\":-1}",
        "422 | invalid-field | /v1/workflows/$working/steps/a/complete | {\"leaseToken\":\"$lease\",\"result\":\"a\\u0000b\"}",
        "422 | invalid-field | /v1/workflows/$working/steps/a/complete | {\"leaseToken\":\"$lease\",\"result\":\"r\",\"tokens\":9007199254740992}",
        "404 | not-found | /v1/workflows/$working/steps/none/retry | {}",
        "409 | wrong-state | /v1/workflows/$created/steps/a/retry | {}",
        "409 | wrong-state | /v1/workflows/$cancelled/steps/a/retry | {}",
        "409 | wrong-state | /v1/workflows/$working/steps/b/retry | {}",
        "404 | not-found | /v1/workflows/$asking/approvals/plan.v2/grant | {\"digest\":\"d\"}",
        "403 | not-entitled | /v1/workflows/$asking/approvals/plan.v1/grant | {\"digest\":\"d\"}",
        "403 | not-entitled | /v1/workflows/$asking/approvals/plan.v1/deny | {\"reason\":\"r\"}",
        "422 | invalid-field | /v1/workflows/$asking/approvals/plan.v1/deny | {\"reason\":\"\"}",
        "422 | invalid-field | /v1/workflows/$asking/approvals/plan.v1/delegate | {\"to\":\"planner\"}",
        "409 | wrong-state | /v1/agents/$retired/activate | {}",
        "409 | wrong-state | /v1/agents/$retired/suspend | {\"reason\":\"r\"}",
        "409 | wrong-state | /v1/agents/$retired/capabilities | {\"concurrency\":2}",
        "409 | wrong-state | /v1/agents/$retired/leases | {}",
        "409 | already-exists | /v1/agents | {\"agentId\":\"$agent\",\"name\":\"other\",\"role\":\"w\"}",
        "422 | invalid-field | /v1/agents/$agent/leases | {\"max\":101}",
        "422 | invalid-field | /v1/agents/$agent/leases | {\"waitMillis\":60001}",
        "422 | invalid-field | /v1/agents/$agent/leases | {\"leaseMillis\":3600001}",
        "422 | invalid-field | /v1/agents/$agent/answers | {\"answers\":[{\"workflowId\":\"$working\",\"stepId\":\"a\",\"leaseToken\":\"$lease\"}]}",
        "409 | wrong-state | /v1/budgets/$shut/reservations | {\"reservationId\":\"r\",\"tokens\":1}",
        "409 | wrong-state | /v1/budgets/$shut/limit | {\"limitTokens\":5}",
        "409 | wrong-state | /v1/budgets/$shut/allocations | {\"name\":\"s\",\"tokens\":1}",
        "409 | limit-exceeded | /v1/budgets/$budget/reservations | {\"reservationId\":\"r\",\"tokens\":36}",
        "409 | conflicting-repeat | /v1/budgets/$budget/reservations | {\"reservationId\":\"held\",\"tokens\":61}",
        "409 | conflicting-repeat | /v1/budgets/$budget/reservations/over/settle | {\"tokens\":6}",
        "409 | wrong-state | /v1/budgets/$budget/reservations/over/release | {}",
        "409 | wrong-state | /v1/budgets/$budget/reservations/free/settle | {\"tokens\":1}",
        "404 | not-found | /v1/budgets/$budget/reservations/none/release | {}",
        "409 | limit-too-low | /v1/budgets/$budget/limit | {\"limitTokens\":64,\"limitMicroDollars\":100}",
        "409 | wrong-state | /v1/budgets/$budget/close | {}",
        "422 | invalid-plan | /v1/workflows/launch | {\"workflow\":{\"name\":\"n\",\"intent\":\"i\"},\"plan\":{\"steps\":[]}}",
        "409 | wrong-state | /v1/workflows/launch | {\"workflow\":{\"name\":\"n\",\"intent\":\"i\"},\"plan\":{\"autonomy\":\"plan_only\",\"steps\":[{\"id\":\"a\",\"kind\":\"wait\",\"waitMillis\":1}]}}",
        "409 | already-exists | /v1/workflows/launch | {\"workflow\":{\"workflowId\":\"$created\",\"name\":\"n\",\"intent\":\"i\"},\"plan\":{\"steps\":[{\"id\":\"a\",\"kind\":\"wait\",\"waitMillis\":1}]}}",
        "409 | lease-lost | /v1/workflows/$working/steps/a/give-back | {\"leaseToken\":\"old\"}",
        "422 | invalid-field | /v1/workflows/$working/steps/a/give-back | {\"leaseToken\":\"$lease\",\"tokens\":-1}",
        "409 | wrong-state | /v1/schedules/$deleted/trigger | {}",
        "409 | wrong-state | /v1/schedules/$deleted/pause | {\"reason\":\"r\"}",
        "409 | wrong-state | /v1/schedules/$deleted/resume | {}",
        "422 | invalid-field | /v1/access/bindings | {\"principal\":\"p\",\"role\":\"agent\"}",
        "422 | invalid-field | /v1/access/bindings | {\"principal\":\"key:k\",\"role\":\"viewer\"}",
        "422 | invalid-field | /v1/access/bindings | {\"principal\":\"p\",\"role\":\"viewer\",\"environment\":\"live\"}",
        "422 | invalid-field | /v1/access/keys | {\"name\":\"n\",\"roles\":[],\"expiresAt\":\"2099-01-01T00:00:00Z\"}",
        "422 | invalid-field | /v1/access/keys | {\"name\":\"n\",\"roles\":[\"viewer\"],\"expiresAt\":\"2099-01-01T00:00:00Z\"}",
        "422 | invalid-field | /v1/access/keys | {\"name\":\"n\",\"roles\":[\"viewer\"],\"expiresAt\":\"2020-01-01T00:00:00Z\"}",
        "409 | already-exists | /v1/budgets | {\"budgetId\":\"$budget\",\"name\":\"b\",\"limitTokens\":1,\"limitMicroDollars\":1}"
      })
  void what_is_not_possible_now(int status, String slug, String path, String body) {
    refuses(status, slug, filled(path), filled(body));
  }

  @Test
  void a_digest_of_something_else_approves_nothing() {
    String path = filled("/v1/workflows/$asking/approvals/plan.v1/grant");
    long before = server.position();
    HttpResponse<String> response = server.post(path, "{\"digest\":\"another\"}", server.by("ann"));
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(json(response).path("type").asText()).isEqualTo("/problems/digest-differs");
    assertThat(server.position()).isEqualTo(before);
  }

  /** An answer among several that is refused is told beside those that are taken. */
  @Test
  void an_answer_under_a_lease_that_is_not_held_is_refused_by_itself() {
    long before = server.position();
    JsonNode answer =
        json(ok(
                filled("/v1/agents/$agent/answers"),
                filled(
                    """
                        {"answers":[{"workflowId":"$working","stepId":"a","leaseToken":"old",
                         "result":"r"}]}
                        """)))
            .path("answers")
            .path(0);
    assertThat(answer.path("problem").path("type").asText()).isEqualTo("/problems/lease-lost");
    assertThat(server.position()).isEqualTo(before);
  }
}

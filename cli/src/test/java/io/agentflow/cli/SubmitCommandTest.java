package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Against a server that takes everything, but for what the test has it refuse. */
class SubmitCommandTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String WORKFLOW = "018f4e6a-0000-7000-8000-000000000001";
  private static final String PLAN =
      """
      name: greet
      intent: say hello
      steps:
        - {id: a, kind: tool, tool: echo}
      """;

  private record Request(String method, String path, String actor, JsonNode body) {}

  @TempDir private Path folder;
  private HttpServer server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile String refusedPath = "none";
  private volatile String problem = "";
  private volatile List<String> historyPages = List.of();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void start() throws IOException {
    SentToken.leaveKey();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    byte[] body = exchange.getRequestBody().readAllBytes();
    requests.add(
        new Request(
            exchange.getRequestMethod(),
            path,
            SentToken.claims(exchange.getRequestHeaders()).path("sub").asText(),
            JSON.readTree(body)));
    boolean isRefused = path.endsWith(refusedPath);
    String answer = isRefused ? problem : path.contains("/history") ? nextPage() : "{}";
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(isRefused ? 422 : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private String nextPage() {
    String page = historyPages.getFirst();
    historyPages = historyPages.subList(1, historyPages.size());
    return page;
  }

  private int submit(String plan, String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("plan.yaml"), plan);
    return af(Stream.concat(Stream.of(file.toString()), Stream.of(options)).toArray(String[]::new));
  }

  private int af(String... arguments) {
    CommandLine commandLine = AgentFlowCommand.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    return commandLine.execute(
        Stream.of(
                Stream.of("workflows", "submit"), Stream.of(arguments), Stream.of("--server", url))
            .flatMap(words -> words)
            .toArray(String[]::new));
  }

  private List<String> asked() {
    return requests.stream()
        .map(request -> request.method() + " " + request.path().replaceAll("[0-9a-f-]{36}", "ID"))
        .toList();
  }

  private static String entry(int sequence, String type, String payload) {
    return """
        {"sequence":%d,"type":"%s","occurredAt":"2026-01-02T03:04:05.678Z","payload":%s}
        """
        .formatted(sequence, type, payload);
  }

  @Test
  void a_workflow_is_created_planned_and_started() throws IOException {
    assertThat(submit(PLAN)).isZero();
    assertThat(asked())
        .containsExactly(
            "POST /v1/workflows", "POST /v1/workflows/ID/plan", "POST /v1/workflows/ID/start");
    JsonNode workflow = requests.getFirst().body();
    assertThat(workflow.path("name").asText()).isEqualTo("greet");
    assertThat(workflow.has("budgetId")).isFalse();
    String workflowId = workflow.path("workflowId").asText();
    assertThat(requests.get(1).path()).contains(workflowId);
    assertThat(requests.get(1).body().toString())
        .isEqualTo("{\"steps\":[{\"id\":\"a\",\"kind\":\"tool\",\"tool\":\"echo\"}]}");
    assertThat(out.toString()).contains(workflowId).contains("started").contains("greet");
  }

  @Test
  void a_budget_is_opened_before_the_workflow_that_names_it() throws IOException {
    assertThat(submit(PLAN + "budget: {tokens: 5, microDollars: 6}\n", "--json")).isZero();
    assertThat(asked()).startsWith("POST /v1/budgets", "POST /v1/workflows");
    JsonNode budget = requests.getFirst().body();
    assertThat(budget.path("limitTokens").asLong()).isEqualTo(5);
    assertThat(budget.path("limitMicroDollars").asLong()).isEqualTo(6);
    String budgetId = budget.path("budgetId").asText();
    assertThat(requests.get(1).body().path("budgetId").asText()).isEqualTo(budgetId);
    JsonNode printed = JSON.readTree(out.toString());
    assertThat(printed.path("budgetId").asText()).isEqualTo(budgetId);
    assertThat(printed.path("status").asText()).isEqualTo("started");
  }

  @Test
  void a_budget_that_there_is_already_is_named() throws IOException {
    assertThat(submit(PLAN + "budgetId: " + WORKFLOW + "\n")).isZero();
    assertThat(asked()).first().isEqualTo("POST /v1/workflows");
    assertThat(requests.getFirst().body().path("budgetId").asText()).isEqualTo(WORKFLOW);
    assertThat(out.toString()).contains(WORKFLOW);
  }

  @Test
  void a_workflow_can_be_left_for_later() throws IOException {
    assertThat(submit(PLAN, "--no-start")).isZero();
    assertThat(asked()).containsExactly("POST /v1/workflows", "POST /v1/workflows/ID/plan");
    assertThat(out.toString()).contains("planned");
  }

  @Test
  void everything_is_asked_for_in_the_name_of_a_person() throws IOException {
    assertThat(submit(PLAN, "--as", "ann")).isZero();
    assertThat(requests).hasSize(3).allMatch(request -> request.actor().equals("ann"));
  }

  @Test
  void a_plan_can_be_read_from_the_standard_input() throws IOException {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(PLAN.getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(af("-")).isZero();
    } finally {
      System.setIn(before);
    }
    assertThat(asked()).hasSize(3);
  }

  @Test
  void the_faults_of_a_plan_are_a_table_and_the_corrected_plan_goes_to_the_same_workflow()
      throws IOException {
    refusedPath = "/plan";
    problem =
        """
        {"type":"/problems/invalid-plan","detail":"the plan has 2 faults","faults":[
          {"at":"steps[0].tool","fault":"is one that no agent may use: echo"},
          {"at":"steps[0].name","fault":"must not be blank"}]}
        """;
    assertThat(submit(PLAN)).isEqualTo(ExitCode.REFUSED);
    assertThat(asked()).containsExactly("POST /v1/workflows", "POST /v1/workflows/ID/plan");
    String workflowId = requests.getFirst().body().path("workflowId").asText();
    assertThat(out.toString())
        .contains("AT", "FAULT")
        .containsPattern("steps\\[0]\\.tool +is one that no agent may use: echo")
        .contains("--workflow " + workflowId);
    assertThat(err.toString()).contains("the plan has 2 faults");

    refusedPath = "none";
    requests.clear();
    assertThat(submit(PLAN, "--workflow", workflowId)).isZero();
    assertThat(asked())
        .containsExactly("POST /v1/workflows/ID/plan", "POST /v1/workflows/ID/start");
    assertThat(requests.getFirst().path()).contains(workflowId);
  }

  @Test
  void a_refused_plan_is_printed_as_the_api_answers_it_where_json_is_wanted() throws IOException {
    refusedPath = "/plan";
    problem = "{\"type\":\"/problems/invalid-plan\",\"detail\":\"no\",\"faults\":[]}";
    assertThat(submit(PLAN, "--json")).isEqualTo(ExitCode.REFUSED);
    assertThat(JSON.readTree(out.toString())).isEqualTo(JSON.readTree(problem));
  }

  @Test
  void a_plan_that_may_not_start_yet_is_still_told() throws IOException {
    refusedPath = "/start";
    problem = "{\"type\":\"/problems/wrong-state\",\"detail\":\"the plan is not approved\"}";
    assertThat(submit(PLAN)).isEqualTo(ExitCode.REFUSED);
    assertThat(out.toString()).contains("planned");
    assertThat(err.toString()).contains("the plan is not approved");
  }

  @Test
  void what_happens_is_told_once_until_it_ends() throws IOException {
    historyPages =
        List.of(
            "{\"items\":[%s],\"nextCursor\":\"x\"}".formatted(entry(0, "workflow.created", "{}")),
            "{\"items\":[%s],\"nextCursor\":null}"
                .formatted(
                    entry(
                        1,
                        "workflow.step-failed",
                        "{\"stepId\":\"a\",\"attempt\":2,\"reason\":\"no\\nluck\"}")),
            "{\"items\":[],\"nextCursor\":null}",
            "{\"items\":[%s],\"nextCursor\":null}".formatted(entry(2, "workflow.completed", "{}")));
    assertThat(submit(PLAN, "--follow")).isZero();
    assertThat(asked().subList(3, 7))
        .containsExactly(
            "GET /v1/workflows/ID/history?afterSequence=-1",
            "GET /v1/workflows/ID/history?afterSequence=0",
            "GET /v1/workflows/ID/history?afterSequence=1",
            "GET /v1/workflows/ID/history?afterSequence=1");
    assertThat(out.toString().lines().skip(2))
        .containsExactly(
            "03:04:05.678  created",
            "03:04:05.678  step-failed               a #2                  no luck",
            "03:04:05.678  completed");
  }

  @Test
  void a_workflow_that_does_not_complete_is_a_finding() throws IOException {
    for (String end : List.of("workflow.failed", "workflow.cancelled")) {
      historyPages =
          List.of(
              "{\"items\":[%s],\"nextCursor\":null}"
                  .formatted(entry(0, end, "{\"reason\":\"why\"}")));
      assertThat(submit(PLAN, "--follow")).isEqualTo(ExitCode.FINDING);
    }
    assertThat(out.toString()).contains("failed").contains("cancelled").contains("why");
  }

  @Test
  void a_file_that_is_no_plan_changes_nothing() throws IOException {
    assertThat(submit("name: [\n")).isEqualTo(ExitCode.UNREADABLE);
    assertThat(af(folder.resolve("none.yaml").toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("is not YAML").contains("line").contains("none.yaml");
    assertThat(requests).isEmpty();
  }
}

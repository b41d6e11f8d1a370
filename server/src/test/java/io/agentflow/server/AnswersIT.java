package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A worker gives several answers at once, and goes on with the steps that follow. */
class AnswersIT {

  private static final String PLAN =
      """
      {"steps":[
        {"id":"dig","name":"Dig","kind":"tool","agentId":"$agent","needs":[],"tool":"spade","input":"a hole"},
        {"id":"plant","name":"Plant","kind":"tool","agentId":"$agent","needs":["dig"],"tool":"spade","input":"a tree"}]}
      """;

  private static ServerProcess server;
  private String agent = "";

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** An agent to each test: whatever one leaves behind is for nobody else. */
  @BeforeEach
  void registerAgent() {
    agent =
        post(
                "/v1/agents",
                "{\"name\":\"a\",\"role\":\"r\",\"tools\":[\"spade\"],\"concurrency\":4}")
            .path("id")
            .asText();
  }

  private static JsonNode post(String path, String body) {
    HttpResponse<String> response = server.post(path, body);
    assertThat(response.statusCode()).as(path + ": " + response.body()).isBetween(200, 201);
    return CanonicalJson.parse(response.body());
  }

  private void startWorkflow() {
    String id = post("/v1/workflows", "{\"name\":\"w\",\"intent\":\"i\"}").path("id").asText();
    post("/v1/workflows/" + id + "/plan", PLAN.replace("$agent", agent));
    post("/v1/workflows/" + id + "/start", "");
  }

  private List<JsonNode> leases(int count) {
    List<JsonNode> taken = new ArrayList<>();
    while (taken.size() < count) {
      list(post(
                  "/v1/agents/" + agent + "/leases",
                  "{\"max\":%d,\"waitMillis\":20000}".formatted(count - taken.size()))
              .path("leases"))
          .forEach(taken::add);
    }
    return taken;
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  private static String done(JsonNode lease) {
    return done(lease.path("workflowId").asText(), lease, lease.path("leaseToken").asText());
  }

  private static String done(String workflowId, JsonNode lease, String token) {
    return """
        {"workflowId":"%s","stepId":"%s","leaseToken":"%s","result":"done","tokens":2}
        """
        .formatted(workflowId, lease.path("stepId").asText(), token);
  }

  private List<JsonNode> answer(String next, String... answers) {
    return list(
        post(
                "/v1/agents/" + agent + "/answers",
                "{\"answers\":[%s]%s}".formatted(String.join(",", answers), next))
            .path("answers"));
  }

  @Test
  void several_answers_at_once_are_taken_and_lead_to_the_next_steps() {
    startWorkflow();
    startWorkflow();
    List<JsonNode> digging = leases(2);
    String next = ",\"next\":{\"leaseMillis\":30000}";

    List<JsonNode> answered = answer(next, done(digging.get(0)), done(digging.get(1)));

    assertThat(answered)
        .allSatisfy(
            one -> {
              assertThat(one.path("position").asLong()).isPositive();
              assertThat(one.path("problem").isNull()).isTrue();
              assertThat(one.path("lease").path("stepId").asText()).isEqualTo("plant");
              assertThat(one.path("lease").path("results").path("dig").asText()).isEqualTo("done");
            });
    long before = server.position();
    assertThat(answer(next, done(digging.get(0)), done(digging.get(1)))).isEqualTo(answered);
    assertThat(server.position()).isEqualTo(before);

    List<JsonNode> over =
        answer(next, done(answered.get(0).path("lease")), done(answered.get(1).path("lease")));
    assertThat(over).allMatch(one -> one.path("lease").isNull());
    for (JsonNode lease : digging) {
      HttpResponse<String> workflow =
          server.get(
              "/v1/workflows/" + lease.path("workflowId").asText(),
              "AF-Consistent-With",
              Long.toString(server.position()));
      assertThat(CanonicalJson.parse(workflow.body()).path("status").asText())
          .isEqualTo("completed");
    }
  }

  @Test
  void a_refused_answer_keeps_no_other_from_being_taken() {
    startWorkflow();
    JsonNode lease = leases(1).getFirst();
    String id = lease.path("workflowId").asText();

    List<JsonNode> answered =
        answer(
            "",
            done(id, lease, "an-old-token"),
            done("018f4e6a-0000-7000-8000-00000000dead", lease, "any"),
            done(lease));

    assertThat(answered.get(0).path("problem").path("type").asText())
        .isEqualTo("/problems/lease-lost");
    assertThat(answered.get(1).path("problem").path("type").asText())
        .isEqualTo("/problems/not-found");
    assertThat(answered.get(2).path("position").asLong()).isPositive();
    assertThat(answered.get(2).path("lease").isNull()).isTrue();
  }

  @Test
  void an_agent_that_is_suspended_gives_its_answer_and_gets_nothing_more() {
    startWorkflow();
    JsonNode lease = leases(1).getFirst();
    post("/v1/agents/" + agent + "/suspend", "{\"reason\":\"errors\"}");
    // A node hears of it a moment later; who waits is sent away then.
    while (server.post("/v1/agents/" + agent + "/leases", "{\"waitMillis\":60000}").statusCode()
        != 409) {
      Thread.onSpinWait();
    }

    JsonNode answered = answer(",\"next\":{}", done(lease)).getFirst();

    assertThat(answered.path("position").asLong()).isPositive();
    assertThat(answered.path("lease").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "422 | invalid-field | {\"answers\":[]}",
        "422 | invalid-field | {}",
        "422 | invalid-field | {\"answers\":[{\"workflowId\":\"$id\",\"stepId\":\"s\",\"leaseToken\":\"t\"}]}",
        "422 | invalid-field | {\"answers\":[{\"workflowId\":\"$id\",\"stepId\":\"s\",\"leaseToken\":\"t\",\"result\":\"r\",\"reason\":\"r\"}]}",
        "422 | invalid-field | {\"answers\":[{\"workflowId\":\"wf\",\"stepId\":\"s\",\"leaseToken\":\"t\",\"result\":\"r\"}]}",
        "422 | invalid-field | {\"answers\":[{\"workflowId\":\"$id\",\"stepId\":\"s\",\"leaseToken\":\"t\",\"result\":\"r\",\"tokens\":-1}]}",
        "422 | invalid-field | {\"answers\":[{\"workflowId\":\"$id\",\"stepId\":\"s\",\"leaseToken\":\"t\",\"result\":\"r\"}],\"next\":{\"leaseMillis\":1}}",
        "422 | invalid-field | {\"answers\":[null]}"
      })
  void malformed_answers_are_refused_together_and_nothing_is_appended(
      int status, String slug, String body) {
    startWorkflow();
    JsonNode lease = leases(1).getFirst();
    long before = server.position();

    HttpResponse<String> refused =
        server.post(
            "/v1/agents/" + agent + "/answers",
            body.replace("$id", lease.path("workflowId").asText()));

    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
    assertThat(CanonicalJson.parse(refused.body()).path("type").asText())
        .isEqualTo("/problems/" + slug);
    assertThat(server.position()).isEqualTo(before);
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.chain.CanonicalJson;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two nodes on one database. Each keeps aggregates in memory; neither trusts its memory blindly.
 */
class TwoNodesIT {

  private static ServerProcess first;
  private static ServerProcess second;

  @BeforeAll
  static void startTwo() {
    first = ServerProcess.start(Map.of("AF_SNAPSHOT_EVERY_EVENTS", "10"));
    second =
        ServerProcess.start(
            Map.of(
                "AF_DATABASE_URL",
                "postgresql://postgres:%s@localhost:%s/agentflow"
                    .formatted(first.databasePassword(), first.databasePort()),
                "AF_SNAPSHOT_EVERY_EVENTS",
                "10"));
  }

  @AfterAll
  static void stopTwo() {
    second.close();
    first.close();
  }

  private static String created() {
    return id(first.post("/v1/workflows", "{\"name\":\"run\",\"intent\":\"do it\"}"));
  }

  private static HttpResponse<String> say(ServerProcess node, String workflowId, int message) {
    return node.post(
        "/v1/workflows/" + workflowId + "/messages",
        """
        {"messageId":"m%d","role":"user","from":"u","to":"a","content":"hello %d",\
        "tokens":1,"microDollars":1}"""
            .formatted(message, message));
  }

  private static String version(HttpResponse<String> answer) {
    return CanonicalJson.parse(answer.body()).path("version").asText();
  }

  @Test
  void nodes_take_turns_on_one_workflow_and_each_decides_on_its_last_version() {
    String workflowId = created();
    assertThat(first.post("/v1/workflows/" + workflowId + "/start", "{}").statusCode())
        .isEqualTo(200);
    for (int message = 0; message < 8; message++) {
      HttpResponse<String> said = say(message % 2 == 0 ? second : first, workflowId, message);
      assertThat(said.statusCode()).as(said.body()).isEqualTo(200);
      assertThat(version(said)).isEqualTo(Integer.toString(message + 2));
    }
    assertThat(version(say(first, workflowId, 7))).as("already so, elsewhere").isEqualTo("9");
  }

  /** A node does not ask the log for what a command creates; the append finds out. */
  @Test
  void what_another_node_has_created_is_found_although_it_was_believed_new() {
    String id = UUID.randomUUID().toString();
    String workflow = "{\"workflowId\":\"%s\",\"name\":\"run\",\"intent\":\"do it\"}".formatted(id);
    HttpResponse<String> created = first.post("/v1/workflows", workflow);
    assertThat(created.statusCode()).isEqualTo(201);

    HttpResponse<String> again = second.post("/v1/workflows", workflow);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(created.body());

    for (HttpResponse<String> taken :
        List.of(
            first.post("/v1/workflows", workflow.replace("run", "walk")),
            second.post("/v1/workflows", workflow.replace("run", "walk")),
            second.post("/v1/workflows", workflow, second.in("globex")),
            second.post(
                "/v1/agents",
                "{\"agentId\":\"%s\",\"name\":\"a\",\"role\":\"r\"}".formatted(id)))) {
      assertThat(taken.statusCode()).as(taken.body()).isEqualTo(409);
    }
    assertThat(first.get("/v1/workflows/" + id + "/history").body())
        .contains("\"sequence\":0")
        .doesNotContain("\"sequence\":1");
  }

  /** Nothing is appended where a command is refused, so no append could notice that it is late. */
  @Test
  void a_refusal_is_not_given_on_what_a_node_remembers_from_before() {
    String workflowId = created();
    assertThat(say(second, workflowId, 0).statusCode()).as("not started").isEqualTo(409);
    assertThat(second.post("/v1/workflows/" + workflowId + "/start", "{}").statusCode())
        .isEqualTo(200);
    assertThat(say(first, workflowId, 0).statusCode()).as("first was not told").isEqualTo(200);
  }

  /** Here the parent refuses, which is another aggregate than the command was sent to. */
  @Test
  void a_refusal_of_a_slices_parent_is_not_given_on_what_a_node_remembers_from_before() {
    String whole =
        id(
            first.post(
                "/v1/budgets",
                "{\"name\":\"whole\",\"limitTokens\":100,\"limitMicroDollars\":100}"));
    String slice =
        id(
            first.post(
                "/v1/budgets/" + whole + "/allocations",
                "{\"name\":\"slice\",\"tokens\":40,\"microDollars\":40}"));
    String toSlice = "/v1/budgets/" + slice + "/limit";
    String more = "{\"limitTokens\":150,\"limitMicroDollars\":40}";
    second.post(
        "/v1/budgets/" + slice + "/reservations",
        "{\"reservationId\":\"r\",\"tokens\":1,\"microDollars\":1}");
    second.post(
        "/v1/budgets/" + whole + "/allocations",
        "{\"sliceId\":\"%s\",\"name\":\"slice\",\"tokens\":40,\"microDollars\":40}"
            .formatted(slice));
    assertThat(
            first
                .post(
                    "/v1/budgets/" + whole + "/limit",
                    "{\"limitTokens\":200,\"limitMicroDollars\":100}")
                .statusCode())
        .isEqualTo(200);

    assertThat(second.post(toSlice, more).statusCode()).as("second was not told").isEqualTo(200);
  }

  private static String id(HttpResponse<String> created) {
    return CanonicalJson.parse(created.body()).path("id").asText();
  }

  @Test
  void a_snapshot_that_cannot_be_read_is_passed_over_and_taken_again() throws Exception {
    String workflowId = created();
    first.post("/v1/workflows/" + workflowId + "/start", "{}");
    int message = 0;
    while (message < 12) {
      say(first, workflowId, message++);
    }
    awaitSnapshot(workflowId, "state like '{%'");
    assertThat(say(second, workflowId, message++).statusCode()).as("from it").isEqualTo(200);

    first.asDatabaseOwner(
        "update views.snapshots set state = 'broken' where aggregate_id = '" + workflowId + "'");
    assertThat(version(say(first, workflowId, message++)))
        .as("the other node has appended, so this one reads anew")
        .isEqualTo(Integer.toString(message + 1));
    assertThat(Files.readString(first.home().resolve("up.log"))).contains("is passed over");
    awaitSnapshot(workflowId, "state like '{%' and sequence_number = " + (message + 1));
  }

  /** Snapshots are taken beside the commands. */
  private static void awaitSnapshot(String workflowId, String condition) throws Exception {
    for (int i = 0; i < 100; i++) {
      if (first.asDatabaseOwner(
              "update views.snapshots set code = code where aggregate_id = '%s' and %s"
                  .formatted(workflowId, condition))
          == 1) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no snapshot of " + workflowId + " with " + condition);
  }
}

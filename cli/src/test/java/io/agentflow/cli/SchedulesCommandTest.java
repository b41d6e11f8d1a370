package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedules as they leave the command line, and as it shows them. */
class SchedulesCommandTest extends AgainstServer {

  private static final String ID = "018f4e6a-0000-7000-8000-0000000000d1";

  @TempDir Path folder;

  private JsonNode lastBody(String request) throws IOException {
    RecordingServer.Asked last = server.asked().stream().toList().getLast();
    assertThat(last.request()).isEqualTo(request);
    return new JsonMapper().readTree(last.body());
  }

  private String plan(String budget) throws IOException {
    return Files.writeString(
            folder.resolve("plan.yaml"),
            """
            name: report
            intent: report what happened
            labels: {team: ops}
            %s
            autonomy: risk_based
            steps:
              - {id: look, kind: tool, tool: echo}
            """
                .formatted(budget))
        .toString();
  }

  @Test
  void a_schedule_is_created_from_a_plans_file() throws IOException {
    String file = plan("budget: {tokens: 100, microDollars: 200}");
    assertThat(
            af(
                "schedules",
                "create",
                file,
                "--cron",
                "0 6 * * *",
                "--zone",
                "Europe/Berlin",
                "--overlap",
                "queue",
                "--queue",
                "3",
                "--catch-up",
                "60",
                "--id",
                ID,
                "--as",
                "ada"))
        .as(err.toString())
        .isZero();

    JsonNode body = lastBody("POST /v1/schedules");
    assertThat(body)
        .isEqualTo(
            new JsonMapper()
                .readTree(
                    """
                    {"scheduleId":"%s","name":"report","cron":"0 6 * * *","zone":"Europe/Berlin",
                     "overlap":"queue","queueMax":3,"catchUpMillis":60000,
                     "workflow":{"name":"report","intent":"report what happened",
                       "labels":{"team":"ops"},
                       "budget":{"tokens":100,"microDollars":200},
                       "plan":{"autonomy":"risk_based",
                         "steps":[{"id":"look","kind":"tool","tool":"echo"}]}}}
                    """
                        .formatted(ID)));
    assertThat(server.asked().stream().toList().getLast().actor()).isEqualTo("ada");
  }

  @Test
  void what_is_not_said_is_left_to_the_server_but_the_id_is_named() throws IOException {
    assertThat(af("schedules", "create", plan(""), "--cron", "0 6 * * *", "--name", "daily"))
        .isZero();

    JsonNode body = lastBody("POST /v1/schedules");
    assertThat(body.path("scheduleId").asText()).matches("[0-9a-f]{8}-[0-9a-f]{4}-7.*");
    assertThat(body.path("name").asText()).isEqualTo("daily");
    assertThat(body.has("zone") || body.has("overlap") || body.has("catchUpMillis")).isFalse();
    assertThat(body.path("workflow").has("budget")).isFalse();
    assertThat(af("schedules", "create", plan(""))).as("no cron").isEqualTo(ExitCode.USAGE);
  }

  @Test
  void it_is_paused_resumed_triggered_and_deleted() throws IOException {
    assertThat(af("schedules", "pause", ID, "--reason", "lunch")).isZero();
    assertThat(lastBody("POST /v1/schedules/" + ID + "/pause").path("reason").asText())
        .isEqualTo("lunch");
    assertThat(af("schedules", "resume", ID)).isZero();
    assertThat(lastBody("POST /v1/schedules/" + ID + "/resume")).isEmpty();
    assertThat(af("schedules", "trigger", ID, "--id", "t1")).isZero();
    assertThat(lastBody("POST /v1/schedules/" + ID + "/trigger").path("triggerId").asText())
        .isEqualTo("t1");
    assertThat(af("schedules", "delete", ID)).isZero();
    lastBody("POST /v1/schedules/" + ID + "/delete");
    assertThat(af("schedules", "pause", ID)).as("without a reason").isEqualTo(ExitCode.USAGE);
  }

  @Test
  void the_list_and_one_say_when_it_is_due_next() {
    String row =
        """
        'scheduleId':'%s','name':'daily','status':'active','cron':'0 6 * * *','zone':'UTC',
        'overlap':'skip','nextDueAt':'2026-01-02T06:00:00Z','running':['w1'],'waiting':[],
        'lastEnd':'not_started'
        """
            .formatted(ID);
    server.answer("GET /v1/schedules?limit=50", "{'items':[{" + row + "}],'next':null}");
    server.answer(
        "GET /v1/schedules/" + ID,
        "{"
            + row
            + ",'plan':{'steps':[]},'upcoming':['2026-01-02T06:00:00Z','2026-01-03T06:00:00Z']}");

    assertThat(af("schedules", "list")).isZero();
    assertThat(out.toString()).contains(ID, "2026-01-02T06:00:00Z", "not started", "daily");
    assertThat(af("schedules", "show", ID)).isZero();
    assertThat(out.toString()).contains("2026-01-02T06:00:00Z, 2026-01-03T06:00:00Z");
  }
}

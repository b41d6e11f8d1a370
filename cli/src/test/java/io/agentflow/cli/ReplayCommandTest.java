package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How a replay is asked for, followed and steered. */
class ReplayCommandTest extends AgainstServer {

  private static final String ID = "018f4e6a-0000-7000-8000-0000000000d1";

  private static String state(String status, int messages, String reason) {
    return """
    {'replayId':'%s','status':'%s','subject':'af.default.replay.%s.>','messages':%d,'total':31,
     'position':%d,'percent':%d,'secondsLeft':2,'speed':'10x','reason':%s}"""
        .formatted(ID, status, ID, messages, messages + 100, messages * 100 / 31, reason);
  }

  private void endsAs(String status, int messages, String reason) {
    server.answer("POST /v1/replays", state("running", 0, "null"));
    server.answer(
        "GET /v1/replays/%s?waitMillis=500".formatted(ID), state(status, messages, reason));
  }

  @Test
  void what_is_to_be_told_is_put_together_from_the_options() {
    endsAs("completed", 31, "null");

    assertThat(
            af(
                "replay",
                "wf",
                "--since",
                "2026-11-21T06:00:00Z",
                "--to-position",
                "500",
                "--speed",
                "10x",
                "--to",
                "af.default.replay.training",
                "--replay-id",
                ID))
        .as(err.toString())
        .isZero();

    assertThat(server.asked().element().body())
        .isEqualTo(
            """
            {"replayId":"%s","workflowId":"wf","since":"2026-11-21T06:00:00Z","until":"500",\
            "speed":"10x","to":"af.default.replay.training"}"""
                .formatted(ID));
    assertThat(out.toString())
        .contains("31 messages published and acknowledged under af.default.replay." + ID);
  }

  @Test
  void one_that_fails_or_is_cancelled_ends_with_a_finding_and_says_why() {
    endsAs("failed", 3, "'entry 104 was altered'");
    assertThat(af("replay", "wf")).isEqualTo(ExitCode.FINDING);
    assertThat(err.toString()).contains("failed at position 103: entry 104 was altered");

    endsAs("cancelled", 5, "null");
    assertThat(af("replay", "wf", "--json")).isEqualTo(ExitCode.FINDING);
    assertThat(err.toString()).contains("cancelled at position 105: somebody ended it");
    assertThat(out.toString()).contains("\"status\" : \"cancelled\"");
  }

  @Test
  void detached_it_is_told_how_to_look_after_it() {
    endsAs("running", 1, "null");

    assertThat(af("replay", "--from-position", "1", "--detach")).isZero();

    assertThat(server.asked()).hasSize(1);
    assertThat(out.toString())
        .contains("running: 31 messages under af.default.replay.")
        .contains("af replay show " + ID, "af replay cancel " + ID);
  }

  @Test
  void what_says_nothing_or_two_things_at_once_is_wrong_usage() {
    assertThat(af("replay")).isEqualTo(ExitCode.USAGE);
    assertThat(af("replay", "--since", "2026-11-21T06:00:00Z", "--from-position", "1"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(af("replay", "wf", "--until", "2026-11-21T06:00:00Z", "--to-position", "1"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void one_is_looked_at_paused_resumed_and_cancelled_by_its_id() {
    server.answer("GET /v1/replays", "{'items':[" + state("paused", 3, "null") + "]}");
    server.answer("GET /v1/replays/" + ID, state("waiting", 3, "'NATS is away'"));
    assertThat(af("replay", "list")).isZero();
    assertThat(out.toString()).contains("REPLAY_ID", ID, "paused");
    assertThat(af("replay", "show", ID)).isZero();
    assertThat(out.toString()).contains("waiting: 3 of 31 messages, 9 %", "NATS is away");
    for (String verb : new String[] {"pause", "resume", "cancel"}) {
      server.answer("POST /v1/replays/%s/%s".formatted(ID, verb), state("paused", 3, "null"));
      assertThat(af("replay", verb, ID)).isZero();
    }
    assertThat(server.asked())
        .extracting(RecordingServer.Asked::request)
        .contains("POST /v1/replays/%s/pause".formatted(ID))
        .contains("POST /v1/replays/%s/cancel".formatted(ID));
  }
}

package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a what-if is asked, and how its answer is shown. */
class WhatIfCommandTest extends AgainstServer {

  private static final String TOTALS =
      """
      'totals':{'asked':0,'askedUnderRule':1,'cost':{'microDollars':2000,'tokens':40},
       'differences':{'cost':1,'plan':0,'step':2},'recordedCost':{'microDollars':12500,'tokens':50},
       'runs':3,'runsDecidedOtherwise':1,'runsThatDiffer':2}\
      """;
  private static final String WORKFLOWS =
      """
      [{'workflowId':'018f4e6a-0000-7000-8000-0000000000a1','differences':[
        {'position':7,'kind':'cost','subject':'m1','recorded':'spent','underRule':'spent',
         'because':'a price','cost':{'microDollars':1},'recordedCost':{'microDollars':2},
         'first':true},
        {'position':9,'kind':'step','subject':'pay','recorded':'handed_out','underRule':'asked',
         'because':'risk_based asks','cost':{'microDollars':10},
         'recordedCost':{'microDollars':10},'first':true},
        {'position':12,'kind':'step','subject':'ship','recorded':'handed_out',
         'underRule':'refused','because':'the tool ship is denied','cost':{'microDollars':0},
         'recordedCost':{'microDollars':10500},'first':false}]}]\
      """;

  @TempDir Path folder;

  private void answerWith(String workflows) {
    server.answer(
        "POST /v1/what-ifs", "{'id':'w1','status':'running','done':0,'total':null,'reason':null}");
    server.answer(
        "GET /v1/what-ifs/w1?waitMillis=1000",
        "{'id':'w1','status':'completed','done':3,'total':3,'reason':null}");
    server.answer(
        "GET /v1/what-ifs/w1/result",
        "{'format':'agentflow-what-if',%s,'version':1,'workflows':%s}"
            .formatted(TOTALS, workflows));
  }

  @Test
  void a_rule_is_put_together_from_options_and_files_of_yaml_or_json() throws IOException {
    answerWith("[]");
    Path policy = Files.writeString(folder.resolve("policy.yaml"), "deniedTools: [ship]\n");
    Path prices = Files.writeString(folder.resolve("prices.json"), "{\"others\":3000000}");

    int exit =
        af(
            "workflows",
            "what-if",
            "--since",
            "2026-01-01T00:00:00Z",
            "--until",
            "90",
            "--autonomy",
            "risk_based",
            "--floor",
            "approve_all",
            "--policy",
            policy.toString(),
            "--prices",
            prices.toString(),
            "--budget",
            "tokens=500,dollars=0.25");

    assertThat(exit).as(err.toString()).isZero();
    assertThat(server.asked().element().body())
        .isEqualTo(
            """
            {"rule":{"autonomy":"risk_based","autonomyFloor":"approve_all",\
            "policy":{"deniedTools":["ship"]},"prices":{"others":3000000},\
            "budget":{"tokens":500,"microDollars":250000}},\
            "since":"2026-01-01T00:00:00Z","until":"90"}""");
  }

  @Test
  void totals_come_before_the_decisions_and_one_behind_another_is_marked() {
    answerWith(WORKFLOWS);

    assertThat(af("workflows", "what-if", "wf", "--autonomy", "risk_based")).isZero();

    assertThat(server.asked().element().body())
        .isEqualTo("{\"rule\":{\"autonomy\":\"risk_based\"},\"workflowIds\":[\"wf\"]}");
    assertThat(out.toString().lines())
        .containsSequence(
            "3 runs: 1 would have been decided otherwise, 2 differ",
            "differences: 1 cost, 2 step",
            "people asked: 0, would have been 1",
            "cost: $0.0125 and 50 tokens, would have been $0.0020 and 40 tokens")
        .noneMatch(line -> line.contains("m1"))
        .anyMatch(
            line ->
                line.matches(
                    " 9 +018f4e6a…00a1 +step pay +handed out +asked +\\$0.0000 +risk_based asks *"))
        .anyMatch(
            line ->
                line.matches(
                    " 12 \\* +018f4e6a…00a1 +step ship +handed out +refused +-\\$0.0105 +the.*"))
        .last()
        .isEqualTo("* behind another difference of its workflow: it might not have come to pass");
  }

  @Test
  void what_the_server_gives_up_is_told_with_its_reason() {
    server.answer(
        "POST /v1/what-ifs",
        "{'id':'w1','status':'failed','done':1,'total':9,'reason':'it took too long'}");

    assertThat(af("workflows", "what-if", "--since", "1")).isEqualTo(ExitCode.UNEXPECTED);
    assertThat(err.toString()).contains("it failed: it took too long");
  }

  @Test
  void what_is_no_rule_is_refused_before_anything_is_sent() throws IOException {
    Path list = Files.writeString(folder.resolve("policy.yaml"), "- ship\n");

    assertThat(af("workflows", "what-if", "--autonomy", "full_auto")).isEqualTo(ExitCode.USAGE);
    assertThat(af("workflows", "what-if", "wf", "--since", "1")).isEqualTo(ExitCode.USAGE);
    assertThat(af("workflows", "what-if", "wf", "--budget", "euros=1")).isEqualTo(ExitCode.USAGE);
    assertThat(af("workflows", "what-if", "wf", "--budget", "tokens=1.5"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(af("workflows", "what-if", "wf", "--policy", folder.resolve("none").toString()))
        .isEqualTo(ExitCode.USAGE);
    assertThat(af("workflows", "what-if", "wf", "--policy", list.toString()))
        .isEqualTo(ExitCode.UNREADABLE);
    assertThat(server.asked()).isEmpty();
  }
}

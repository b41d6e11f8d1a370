package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What people look for, as it leaves the command line, and how it is shown what was found. */
class SearchCommandTest extends AgainstServer {

  private static final String FOUND =
      """
      {'items':[{'workflowId':'wf','messageId':'m-1','role':'user','from':'ann','to':'bot',
        'snippet':[{'text':'…of my \\u001b[31m ','hit':false},{'text':'Refund','hit':true},
                   {'text':', @|red now|@','hit':false}],
        'version':2,'position':9,'createdAt':'2026-11-21T06:00:00Z'}],
       'nextCursor':'next'}
      """;

  @Test
  void words_are_sent_as_they_are_and_what_was_found_is_shown_below_where_it_was_said() {
    String request = "GET /v1/messages?text=%22my+refund%22+-no&workflowId=wf&role=user&limit=2";
    server.answer(request, FOUND);

    int exit =
        af("search", "\"my refund\" -no", "--workflow", "wf", "--role", "user", "--limit", "2");

    assertThat(exit).as("%s", err).isZero();
    assertThat(server.asked()).last().returns(request, RecordingServer.Asked::request);
    assertThat(out.toString())
        .isEqualToNormalizingNewlines(
            """
            2026-11-21T06:00:00Z  wf  user  ann → bot
                …of my  [31m Refund, @|red now|@
            there is more: --cursor next
            """);
  }

  @Test
  void on_a_terminal_hits_stand_out_and_nothing_that_was_said_gives_it_orders() {
    server.answer("GET /v1/messages?text=refund&limit=50", FOUND);
    System.setProperty("picocli.ansi", "true");
    try {
      af("search", "refund");
    } finally {
      System.clearProperty("picocli.ansi");
    }
    assertThat(out.toString())
        .contains("…of my  [31m \u001b[1m\u001b[33mRefund\u001b[0m, @|red now|@");
  }

  @Test
  void json_is_what_the_api_answered_and_nothing_found_is_said() {
    server.answer("GET /v1/messages?text=refund&limit=50", FOUND);
    assertThat(af("search", "refund", "--json")).isZero();
    assertThat(out.toString()).contains("\"hit\" : true", "\"nextCursor\" : \"next\"");

    server.answer("GET /v1/messages?text=x&limit=50", "{'items':[],'nextCursor':null}");
    assertThat(af("search", "x")).isZero();
    assertThat(out.toString()).endsWith("no message has that\n");
    assertThat(af("search")).as("without words").isEqualTo(ExitCode.USAGE);
  }

  @Test
  void workflows_are_listed_by_all_that_the_api_takes_and_money_is_in_dollars() {
    af(
        "workflows",
        "list",
        "--name",
        "night",
        "--tool",
        "shell",
        "--text",
        "a b",
        "--updated-after",
        "2026-11-21T06:00:00Z",
        "--cost-at-least",
        "0.05",
        "--cost-at-most",
        "1",
        "--label",
        "a:b",
        "--status",
        "failed");
    assertThat(server.asked())
        .last()
        .returns(
            "GET /v1/workflows?status=failed&name=night&tool=shell&text=a+b"
                + "&updatedAfter=2026-11-21T06%3A00%3A00Z&costAtLeastMicroDollars=50000"
                + "&costAtMostMicroDollars=1000000&label=a%3Ab&limit=50",
            RecordingServer.Asked::request);
    assertThat(af("workflows", "list", "--cost-at-most", "much")).isEqualTo(ExitCode.USAGE);
    assertThat(af("workflows", "list", "--cost-at-most", "0.0000001")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("'much' is no amount to the millionth of a dollar");
  }

  @Test
  void messages_of_a_workflow_and_tools_are_shown_for_people() {
    server.answer(
        "GET /v1/workflows/wf/messages",
        """
        {'items':[{'workflowId':'wf','messageId':'m-1','role':'user','from':'ann','to':'bot',
          'content':'one\\ntwo','createdAt':'2026-11-21T06:00:00Z'}],'nextCursor':null}
        """);
    assertThat(af("workflows", "messages", "wf")).as("%s", err).isZero();
    assertThat(out.toString()).contains("user  ann → bot\n    one\n    two\n");

    server.answer(
        "GET /v1/tools?limit=50",
        """
        {'items':[{'tool':'shell','calls':1200,'open':1,'failures':2,'averageMillis':1500,
          'tokens':3,'microDollars':50000,'lastCalledAt':'2026-11-21T06:00:00Z'}],'nextCursor':null}
        """);
    assertThat(af("tools")).isZero();
    assertThat(out.toString()).contains("1,200", "1,500 ms", "$0.0500", "shell");
  }
}

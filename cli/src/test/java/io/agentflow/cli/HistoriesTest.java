package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentflow.eventstore.verify.UnreadableExport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What is asked of histories, and how it is shown. */
class HistoriesTest extends AgainstServer {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Path SCHEMAS = Path.of("..", "docs", "events", "schemas");
  private static final String ITEMS =
      """
      {"items":[
       {"position":7,"occurredAt":"2026-11-21T06:00:00.250000Z","type":"workflow.created",
        "actor":"018f4e6a-0000-7000-8000-0000000000a1","ledTo":{"totalMicroDollars":0},
        "payload":{"name":"letters","intent":"answer"}},
       {"position":9,"occurredAt":"2026-11-21T06:01:05Z","type":"workflow.step-completed",
        "actor":"ann","ledTo":{"totalMicroDollars":12500},
        "payload":{"stepId":"send","attempt":2,"result":"sent\\n off"}}],"nextCursor":null}
      """;

  @Test
  void a_timeline_tells_when_what_it_cost_who_and_what_happened() {
    server.answer(
        "GET /v1/workflows/wf/history?types=workflow.*&from=7&to=2026-11-21T07%3A00%3A00Z", ITEMS);
    server.answer("GET /v1/workflows/wf/history?limit=1", ITEMS);

    int exit =
        af(
            "workflows",
            "history",
            "wf",
            "--types",
            "workflow.*",
            "--from",
            "7",
            "--to",
            "2026-11-21T07:00:00Z");

    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString().lines())
        .anyMatch(line -> line.matches(" *7 +06:00:00 +0.0s +\\$0.0000 +018f4e6a…00a1.*created.*"))
        .anyMatch(
            line ->
                line.matches(
                    " *9 +06:01:05 +1m04s +\\$0.0125 +ann +step send, attempt 2, is done: sent off.*"));
  }

  @Test
  void states_and_differences_are_asked_for_by_position_or_time() {
    server.answer(
        "GET /v1/workflows/wf/state?at=2026-11-21T06%3A00%3A00Z",
        "{'workflowId':'wf','state':{'status':'running'}}");
    assertThat(af("workflows", "state", "wf", "--at", "2026-11-21T06:00:00Z")).isZero();
    assertThat(out.toString()).contains("running");

    server.answer(
        "GET /v1/workflows/wf/diff?from=3&to=9",
        "{'before':{'workflowId':'wf','position':3},'after':{'workflowId':'wf','position':9},"
            + "'differences':[{'path':'/plan/steps/send/status','before':'ready','after':null}]}");
    assertThat(af("workflows", "diff", "wf", "--from", "3", "--to", "9")).isZero();
    assertThat(out.toString().lines())
        .anyMatch(line -> line.matches(" */plan/steps/send/status +ready +- *"));

    server.answer("GET /v1/workflows/wf/diff?with=other", "{'differences':[]}");
    assertThat(af("workflows", "diff", "wf", "other")).isZero();
    assertThat(out.toString()).contains("no difference");
  }

  @Test
  void each_event_of_workflows_has_a_sentence_of_its_own() throws IOException {
    try (Stream<Path> schemas = Files.list(SCHEMAS)) {
      List<String> types =
          schemas
              .map(schema -> schema.getFileName().toString())
              .filter(name -> name.startsWith("workflow."))
              .map(name -> name.replaceAll("\\.v[0-9]+\\.json$", ""))
              .toList();
      assertThat(types).hasSizeGreaterThan(25);
      assertThat(types)
          .allSatisfy(
              type ->
                  assertThat(EventSentence.of(type, JSON.createObjectNode()))
                      .doesNotContain("workflow."));
    }
    assertThat(EventSentence.of("workflow.of-tomorrow", JSON.createObjectNode().put("reason", "x")))
        .isEqualTo("workflow.of-tomorrow x");
  }

  @Test
  void a_time_since_the_beginning_has_two_units_at_most() {
    assertThat(Timeline.since(Duration.ofMillis(1_250))).isEqualTo("1.3s");
    assertThat(Timeline.since(Duration.ofSeconds(61))).isEqualTo("1m01s");
    assertThat(Timeline.since(Duration.ofMinutes(61))).isEqualTo("1h01m");
    assertThat(Timeline.since(Duration.ofHours(25))).isEqualTo("1d01h");
    assertThat(Timeline.since(Duration.ofMillis(-1_500))).isEqualTo("-1.5s");
  }

  @Test
  void a_file_is_shown_without_a_server_and_one_that_is_altered_is_refused() throws IOException {
    JsonNode history = JSON.readTree(ITEMS);
    JsonNode state = JSON.readTree("{\"workflowId\":\"wf\",\"state\":{\"status\":\"running\"}}");
    assertThat(replay(path -> new Opened(history, state), "--at", "9")).isZero();
    assertThat(out.toString()).contains("letters is created: answer", "running", "2 entries shown");
    assertThat(replay(path -> new Opened(history, state), "--json")).isZero();
    assertThat(out.toString()).contains("\"state\" : {");

    HistoryFile.Reader refusing =
        path -> {
          throw new UnreadableExport("line 3 is altered: expected a, found b");
        };
    assertThat(replay(refusing)).isEqualTo(ExitCode.UNREADABLE);
    assertThat(err.toString()).contains("line 3 is altered: expected a, found b");
    assertThat(replay(path -> new Opened(history, state), "--at", "soon"))
        .isEqualTo(ExitCode.USAGE);
  }

  private int replay(HistoryFile.Reader reader, String... options) {
    CommandLine commandLine = AgentFlowCommand.commandLine();
    ReplayFileCommand.addTo(commandLine, reader);
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of("workflows", "replay-file", "run.ndjson"));
    all.addAll(List.of(options));
    return commandLine.execute(all.toArray(String[]::new));
  }

  private record Opened(JsonNode all, JsonNode last) implements HistoryFile {
    @Override
    public JsonNode history(@Nullable String at) {
      if ("soon".equals(at)) {
        throw new IllegalArgumentException("at must be a position");
      }
      return all;
    }

    @Override
    public JsonNode state(@Nullable String at) {
      return last;
    }
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.client.ListPath;
import io.agentflow.client.ServerUnreachable;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af workflows what-if}. */
@Command(
    name = "what-if",
    mixinStandardHelpOptions = true,
    description = {
      "Judge recorded histories by another rule: which decisions would have been different, and",
      "what it would have cost. Nobody is called and nothing is recorded. docs/histories.md says",
      "what that can know and what not."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all histories are judged, whatever differs",
      "2:wrong usage",
      "3:no server answers",
      "4:the server refused the rule, or knows no such workflow",
      "5:the server gave up; the message says why",
      "6:a file of the rule cannot be read"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af workflows what-if WORKFLOW_ID --autonomy risk_based",
      "  af workflows what-if --since 2026-01-01T00:00:00Z --policy policy.yaml",
      "  af workflows what-if --since 1 --prices prices.yaml --json",
      "  af workflows what-if --since 1 --budget tokens=50000,dollars=0.25"
    })
final class WhatIfCommand implements Callable<Integer> {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String PATH = "/v1/what-ifs";
  private static final long WAIT_MILLIS = 1_000;
  private static final int MICRO_DIGITS = 6;

  /** Nothing was decided otherwise; there may be one of each message. */
  private static final String PRICE_ALONE = "cost";

  private static final int ROWS_MAX = 100;
  private static final int CELL_CHARS_MAX = 24;

  @Spec private CommandSpec spec;

  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private JsonOption json;

  @Parameters(
      paramLabel = "WORKFLOW_ID",
      arity = "0..*",
      description = "Whose histories; at most 100. Else --since says it.")
  private List<String> workflowIds = new ArrayList<>();

  @Option(
      names = "--since",
      paramLabel = "POSITION|TIME",
      description = "All workflows that began at this position of the log or this time, or later.")
  private @Nullable String since;

  @Option(
      names = "--until",
      paramLabel = "POSITION|TIME",
      description = "Read nothing that stands behind. Default: all there is.")
  private @Nullable String until;

  @Option(names = "--project", paramLabel = "PROJECT", description = "Only of this project.")
  private @Nullable String project;

  @Option(
      names = "--environment",
      paramLabel = "ENVIRONMENT",
      description = "Only of this environment of the project.")
  private @Nullable String environment;

  @Option(
      names = "--autonomy",
      paramLabel = "MODE",
      description =
          "The mode of every plan: plan_only, approve_all, canary_only, risk_based, full_auto.")
  private @Nullable String autonomy;

  @Option(
      names = "--floor",
      paramLabel = "MODE",
      description = "What any plan is granted at most, as AF_AUTONOMY_FLOOR says it.")
  private @Nullable String autonomyFloor;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "YAML or JSON with toolRisks, kindRisks and deniedTools.")
  private @Nullable String policy;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description = "YAML or JSON with models and others: micro-dollars for 1,000,000 tokens.")
  private @Nullable String prices;

  @Option(
      names = "--budget",
      paramLabel = "tokens=N,dollars=N",
      split = ",",
      hideParamSyntax = true,
      description = "What each workflow may spend: tokens, dollars, or both.")
  private Map<String, BigDecimal> budget = Map.of();

  @Override
  public Integer call() throws IOException {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    ApiClient api = server.client(tenant);
    JsonNode over = judged(console, api);
    if (!over.path("status").asText().equals("completed")) {
      spec.commandLine()
          .getErr()
          .println(
              "af: it %s: %s"
                  .formatted(over.path("status").asText(), over.path("reason").asText("")));
      return ExitCode.UNEXPECTED;
    }
    try (InputStream document = api.lines(of(over, "/result"))) {
      if (json.isSet()) {
        document.transferTo(System.out);
        System.out.println();
      } else {
        print(console, document);
      }
    } catch (IOException e) {
      throw new ServerUnreachable(api.server(), e);
    }
    return ExitCode.OK;
  }

  /** Asks, and follows it to its end. */
  private JsonNode judged(Console console, ApiClient api) throws IOException {
    JsonNode state = api.post(in(PATH), body());
    try (ProgressBar progress = console.progress("judging", 0)) {
      while (state.path("status").asText().equals("running")) {
        progress.maxHint(state.path("total").asLong(-1));
        progress.stepTo(state.path("done").asLong());
        state =
            api.get(new ListPath(of(state, "")).with("waitMillis", "" + WAIT_MILLIS).toString());
      }
      progress.maxHint(state.path("total").asLong(state.path("done").asLong()));
      progress.stepTo(state.path("done").asLong());
    }
    return state;
  }

  private String of(JsonNode state, String what) {
    return in(PATH + "/" + state.path("id").asText() + what);
  }

  private String in(String path) {
    return new ListPath(path).with("project", project).with("environment", environment).toString();
  }

  private ObjectNode body() throws IOException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode rule = body.putObject("rule");
    put(rule, "autonomy", autonomy);
    put(rule, "autonomyFloor", autonomyFloor);
    if (policy != null) {
      rule.set("policy", object(policy));
    }
    if (prices != null) {
      rule.set("prices", object(prices));
    }
    if (!budget.isEmpty()) {
      rule.set("budget", limit());
    }
    if (!workflowIds.isEmpty()) {
      workflowIds.forEach(body.putArray("workflowIds")::add);
    }
    put(body, "since", since);
    put(body, "until", until);
    if (workflowIds.isEmpty() == (since == null)) {
      throw new ParameterException(
          spec.commandLine(), "name workflows, or say --since, and not both");
    }
    return body;
  }

  private static void put(ObjectNode node, String name, @Nullable String value) {
    if (value != null) {
      node.put(name, value);
    }
  }

  private static JsonNode object(String file) throws IOException {
    JsonNode read = DefinitionFile.read(file);
    if (!read.isObject()) {
      throw new UnreadableDefinition(
          DefinitionFile.name(file) + " is no part of a rule: it has to be an object");
    }
    return read;
  }

  private ObjectNode limit() {
    ObjectNode limit = JsonNodeFactory.instance.objectNode();
    budget.forEach(
        (unit, amount) -> {
          try {
            switch (unit) {
              case "tokens" -> limit.put("tokens", amount.longValueExact());
              case "dollars" ->
                  limit.put("microDollars", amount.movePointRight(MICRO_DIGITS).longValueExact());
              default ->
                  throw new ParameterException(
                      spec.commandLine(), "--budget takes tokens=N and dollars=N, not " + unit);
            }
          } catch (ArithmeticException e) {
            throw new ParameterException(
                spec.commandLine(),
                "--budget takes whole tokens, and dollars to the millionth, not " + amount,
                e);
          }
        });
    return limit;
  }

  /** Reads the document as it comes: it may be longer than memory. */
  private static void print(Console console, InputStream document) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    long more = 0;
    try (JsonParser parser = JSON.createParser(document)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token != JsonToken.FIELD_NAME) {
          continue;
        }
        switch (parser.currentName()) {
          case "totals" -> {
            parser.nextToken();
            printTotals(console, parser.readValueAsTree());
          }
          case "workflows" -> {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.START_OBJECT) {
              JsonNode workflow = parser.readValueAsTree();
              for (JsonNode difference : workflow.path("differences")) {
                if (difference.path("kind").asText().equals(PRICE_ALONE)) {
                  continue;
                }
                if (rows.size() < ROWS_MAX) {
                  rows.add(row(workflow.path("workflowId").asText(), difference));
                } else {
                  more++;
                }
              }
            }
          }
          default -> {
            parser.nextToken();
            parser.skipChildren();
          }
        }
      }
    }
    if (rows.isEmpty()) {
      return;
    }
    console.line("");
    console.table(List.of("POSITION", "WORKFLOW", "WHAT", "WAS", "WOULD", "COST", "BECAUSE"), rows);
    if (rows.stream().anyMatch(row -> row.getFirst().endsWith("*"))) {
      console.line("* behind another difference of its workflow: it might not have come to pass");
    }
    if (more > 0) {
      console.line("%s more: --json has all of them".formatted(Console.count(more)));
    }
  }

  private static void printTotals(Console console, JsonNode totals) {
    List<String> kinds = new ArrayList<>();
    for (Map.Entry<String, JsonNode> kind : totals.path("differences").properties()) {
      if (kind.getValue().asLong() > 0) {
        kinds.add("%s %s".formatted(Console.count(kind.getValue().asLong()), words(kind.getKey())));
      }
    }
    console.line(
        "%s runs: %s would have been decided otherwise, %s differ"
            .formatted(
                Console.count(totals.path("runs").asLong()),
                Console.count(totals.path("runsDecidedOtherwise").asLong()),
                Console.count(totals.path("runsThatDiffer").asLong())));
    console.line("differences: " + (kinds.isEmpty() ? "none" : String.join(", ", kinds)));
    console.line(
        "people asked: %s, would have been %s"
            .formatted(
                Console.count(totals.path("asked").asLong()),
                Console.count(totals.path("askedUnderRule").asLong())));
    console.line(
        "cost: %s, would have been %s"
            .formatted(cost(totals.path("recordedCost")), cost(totals.path("cost"))));
  }

  private static String cost(JsonNode spend) {
    return "%s and %s tokens"
        .formatted(
            Console.dollars(spend.path("microDollars").asLong()),
            Console.count(spend.path("tokens").asLong()));
  }

  private static List<String> row(String workflowId, JsonNode difference) {
    return List.of(
        difference.path("position").asText() + (difference.path("first").asBoolean() ? "" : " *"),
        Timeline.shortened(workflowId),
        cell(words(difference.path("kind").asText()) + " " + difference.path("subject").asText()),
        words(difference.path("recorded").asText()),
        words(difference.path("underRule").asText()),
        more(
            difference.path("cost").path("microDollars").asLong()
                - difference.path("recordedCost").path("microDollars").asLong()),
        difference.path("because").asText());
  }

  private static String more(long microDollars) {
    return (microDollars < 0 ? "-" : "") + Console.dollars(Math.abs(microDollars));
  }

  private static String words(String word) {
    return word.replace('_', ' ');
  }

  private static String cell(String text) {
    return text.length() <= CELL_CHARS_MAX ? text : text.substring(0, CELL_CHARS_MAX - 1) + "…";
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.client.ListPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af workflows}. */
@Command(
    name = "workflows",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SubmitCommand.class, WorkflowListCommand.class, WhatIfCommand.class},
    description = {
      "What is run and was run: submit it, list it, steer it, read its history, see its state at",
      "any point, compare states, take a history away and fold it again, and see what another",
      "rule would have decided."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af workflows submit samples/linear.yaml --follow",
      "  af workflows list --limit 10",
      "  af workflows list --status running --label team:support",
      "  af workflows list --text '\"seat map\" -refund' --cost-at-least 0.05",
      "  af workflows list --status running --as-of 2026-11-21T06:00:00Z",
      "  af workflows show WORKFLOW_ID --as-of 120",
      "  af workflows history 018f4e6a-0000-7000-8000-000000000001",
      "  af workflows history WORKFLOW_ID --types 'workflow.step-*' --from 2026-11-21T06:00:00Z",
      "  af workflows messages WORKFLOW_ID",
      "  af workflows state 018f4e6a-0000-7000-8000-000000000001 --at 120",
      "  af workflows diff WORKFLOW_ID --from 120 --to 140",
      "  af workflows diff WORKFLOW_ID OTHER_WORKFLOW_ID",
      "  af workflows export WORKFLOW_ID --out run.ndjson",
      "  af workflows replay-file run.ndjson",
      "  af workflows what-if --since 2026-01-01T00:00:00Z --autonomy risk_based",
      "  af workflows steps WORKFLOW_ID",
      "  af workflows plan WORKFLOW_ID --version 2",
      "  af workflows pause WORKFLOW_ID --reason 'the provider is down'",
      "  af workflows resume WORKFLOW_ID",
      "  af workflows cancel WORKFLOW_ID --reason 'not wanted any more'",
      "  af workflows retry WORKFLOW_ID send",
      "  af workflows signal WORKFLOW_ID payment-arrived '12 dollars'",
      "  af workflows restart WORKFLOW_ID --from send"
    })
final class WorkflowsCommand {

  private static final String ID = "WORKFLOW_ID";
  private static final String MOMENT = "POSITION|TIME";
  private static final int CELL_CHARS_MAX = 48;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Spec private CommandSpec spec;

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show one workflow as its table has it.")
  int show(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin AsOfOption asOf,
      @Parameters(paramLabel = ID) String workflowId) {
    return FieldTable.print(
        console(),
        json,
        server
            .client(tenant)
            .get(
                new ListPath("/v1/workflows/" + workflowId).with("asOf", asOf.value()).toString()));
  }

  @Command(
      name = "state",
      mixinStandardHelpOptions = true,
      description = "Show the state that a workflow was in, folded from its events.")
  int state(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String workflowId,
      @Option(
              names = "--at",
              paramLabel = MOMENT,
              description = "At this position of the log, or this time. Default: now.")
          @Nullable String at) {
    return FieldTable.print(
        console(),
        json,
        server.client(tenant).get(asked(workflowId, "state").with("at", at).toString()));
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = {
        "Read what a workflow did, entry by entry, from the log: when, since its beginning, what it",
        "had cost by then, who did it, and what happened."
      })
  int history(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String workflowId,
      @Option(
              names = "--types",
              paramLabel = "TYPES",
              description = "Only these, with commas between: 'workflow.step-*'.")
          @Nullable String types,
      @Option(
              names = "--from",
              paramLabel = MOMENT,
              description = "From this position of the log, or this time, on.")
          @Nullable String from,
      @Option(
              names = "--to",
              paramLabel = MOMENT,
              description = "Up to this position of the log, or this time.")
          @Nullable String to) {
    ApiClient api = server.client(tenant);
    ArrayNode items =
        all(
            api,
            asked(workflowId, "history").with("types", types).with("from", from).with("to", to));
    if (json.isSet()) {
      console().json(JSON.objectNode().put("workflowId", workflowId).set("items", items));
      return ExitCode.OK;
    }
    JsonNode first =
        api.get(asked(workflowId, "history").with("limit", "1").toString()).path("items").path(0);
    Timeline.of(first).print(console(), items);
    return ExitCode.OK;
  }

  @Command(
      name = "messages",
      mixinStandardHelpOptions = true,
      description = "Read what was said in a workflow. 'af search' finds words in all of them.")
  int messages(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String workflowId) {
    ArrayNode items = all(server.client(tenant), asked(workflowId, "messages"));
    if (json.isSet()) {
      console().json(JSON.objectNode().set("items", items));
    } else {
      items.forEach(message -> FoundMessages.print(console(), message, message.path("content")));
    }
    return ExitCode.OK;
  }

  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      description = {
        "Compare two states of a workflow, or the states of two workflows: what differs.",
        "A step's fields stand under its id."
      })
  int diff(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String workflowId,
      @Parameters(
              paramLabel = "OTHER",
              arity = "0..1",
              description = "The workflow whose state is the one after. Default: the same.")
          @Nullable String other,
      @Option(
              names = "--from",
              paramLabel = MOMENT,
              description =
                  "The state before. Default: with the first entry; of two workflows: now.")
          @Nullable String from,
      @Option(names = "--to", paramLabel = MOMENT, description = "The state after. Default: now.")
          @Nullable String to) {
    JsonNode diff =
        server
            .client(tenant)
            .get(
                asked(workflowId, "diff")
                    .with("from", from)
                    .with("to", to)
                    .with("with", other)
                    .toString());
    Console console = console();
    if (json.isSet()) {
      console.json(diff);
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode difference : diff.path("differences")) {
      rows.add(
          List.of(
              difference.path("path").asText(),
              cell(difference.path("before")),
              cell(difference.path("after"))));
    }
    console.line("before: " + side(diff.path("before")));
    console.line("after:  " + side(diff.path("after")));
    if (rows.isEmpty()) {
      console.line("no difference");
    } else {
      console.table(List.of("WHAT", "BEFORE", "AFTER"), rows);
    }
    return ExitCode.OK;
  }

  private static String side(JsonNode side) {
    return "%s at position %s"
        .formatted(side.path("workflowId").asText(), side.path("position").asText());
  }

  private static String cell(JsonNode value) {
    String text = value.isNull() ? "-" : FieldTable.text(value);
    return text.length() <= CELL_CHARS_MAX ? text : text.substring(0, CELL_CHARS_MAX - 1) + "…";
  }

  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      description = {
        "Write a workflow's history as a file that can be checked and folded again anywhere:",
        "'af workflows replay-file FILE'. docs/histories.md describes it."
      })
  int export(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Parameters(paramLabel = ID) String workflowId,
      @Option(
              names = {"-o", "--out"},
              paramLabel = "FILE",
              description = "Where to; the file is there when all of it is. Default: stdout.")
          @Nullable Path file)
      throws IOException {
    ApiClient api = server.client(tenant);
    Console console = console();
    try (ProgressBar progress = console.progress("exporting", 0);
        InputStream lines = api.lines(path(workflowId, "export"))) {
      ExportDownload download = new ExportDownload(api.server(), progress);
      if (file == null) {
        download.copy(lines, System.out);
        return ExitCode.OK;
      }
      long entries = download.copyTo(file, lines);
      console.line("%s entries written to %s".formatted(Console.count(entries), file));
      return ExitCode.OK;
    }
  }

  @Command(
      name = "steps",
      mixinStandardHelpOptions = true,
      description = {
        "Draw the plan with how far each step has come.",
        "A step stands below the last of those that it waits for."
      })
  int steps(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String workflowId) {
    ArrayNode items = all(server.client(tenant), asked(workflowId, "steps"));
    if (json.isSet()) {
      console().json(JSON.objectNode().set("items", items));
    } else if (items.isEmpty()) {
      console().line("no plan is approved");
    } else {
      console().table(PlanTree.HEADERS, PlanTree.rows(items));
    }
    return ExitCode.OK;
  }

  @Command(
      name = "plan",
      description = {
        "Show the plan that is carried out, or else the one that was proposed, and its digest,",
        "which an approval of it names. With --json all of it, in the form of a definition."
      })
  int plan(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String workflowId,
      @Option(
              names = "--version",
              paramLabel = "N",
              description = "This version, from 1; for example one that waits for its approval.")
          @Nullable Integer version,
      @Option(
              names = {"-h", "--help"},
              usageHelp = true,
              description = "Show this help message and exit.")
          boolean help) {
    JsonNode plan =
        server
            .client(tenant)
            .get(path(workflowId, "plan") + (version == null ? "" : "?version=" + version));
    Console console = console();
    if (json.isSet()) {
      console.json(plan);
      return ExitCode.OK;
    }
    console.line(
        "version %s, %s; proposed by %s; %s"
            .formatted(
                plan.path("planVersion").asText(),
                plan.path("standing").asText(),
                plan.path("proposedBy").asText(),
                plan.path("autonomy").asText()));
    console.line("digest " + plan.path("digest").asText());
    JsonNode pending = plan.path("pendingVersion");
    if (pending.isNumber() && pending.asInt() != plan.path("planVersion").asInt()) {
      console.line("version %s waits for its approval".formatted(pending.asText()));
    }
    List<List<String>> rows = new ArrayList<>();
    plan.path("steps").forEach(step -> rows.add(planned(step)));
    console.table(List.of("STEP", "NEEDS", "KIND", "BY", "RISK", "TOKENS", "COST", "WHAT"), rows);
    return ExitCode.OK;
  }

  private static List<String> planned(JsonNode step) {
    List<String> needs = new ArrayList<>();
    step.path("needs").forEach(need -> needs.add(need.asText()));
    String by = step.path("tool").asText(step.path("capability").asText("-"));
    String input = step.path("input").asText();
    return List.of(
        step.path("id").asText(),
        needs.isEmpty() ? "-" : String.join(", ", needs),
        step.path("kind").asText(),
        by,
        step.path("risk").asText(),
        Console.count(step.path("estimate").path("tokens").asLong()),
        Console.dollars(step.path("estimate").path("microDollars").asLong()),
        Console.oneLine(step.path("name").asText() + (input.isEmpty() ? "" : ": " + input)));
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Hand out no more steps until the workflow is resumed.")
  int pause(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = ID) String workflowId,
      @Option(names = "--reason", paramLabel = "REASON", required = true) String reason) {
    return person.command(
        console(), "paused", path(workflowId, "pause"), JSON.objectNode().put("reason", reason));
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Let a paused workflow go on.")
  int resume(@Mixin PersonOptions person, @Parameters(paramLabel = ID) String workflowId) {
    return person.command(console(), "resumed", path(workflowId, "resume"), JSON.objectNode());
  }

  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "End a workflow before its time; what can be undone is undone first.")
  int cancel(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = ID) String workflowId,
      @Option(names = "--reason", paramLabel = "REASON", required = true) String reason) {
    return person.command(
        console(),
        "cancelled",
        path(workflowId, "cancel"),
        JSON.objectNode().put("reason", reason));
  }

  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      description = "Try a step again by which a workflow failed, and go on.")
  int retry(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = ID) String workflowId,
      @Parameters(paramLabel = "STEP_ID") String stepId) {
    return person.command(
        console(),
        "trying %s again in".formatted(stepId),
        path(workflowId, "steps/" + stepId + "/retry"),
        JSON.objectNode());
  }

  @Command(
      name = "signal",
      mixinStandardHelpOptions = true,
      description = "Tell a workflow something that a step may wait for.")
  int signal(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = ID) String workflowId,
      @Parameters(paramLabel = "NAME", description = "Which signal.") String name,
      @Parameters(
              paramLabel = "PAYLOAD",
              arity = "0..1",
              defaultValue = "",
              description = "What it says; the waiting step's result.")
          String payload,
      @Option(
              names = "--id",
              paramLabel = "SIGNAL_ID",
              description =
                  "A signal with an id that arrived before is ignored. Default: a new id.")
          @Nullable String signalId) {
    return person.command(
        console(),
        "told %s to".formatted(name),
        path(workflowId, "signals"),
        JSON.objectNode()
            .put("signalId", signalId == null ? newId() : signalId)
            .put("name", name)
            .put("payload", payload));
  }

  @Command(
      name = "restart",
      mixinStandardHelpOptions = true,
      description = {
        "Begin the same plan anew at a step, as a new workflow.",
        "What was done before that step is taken over."
      })
  int restart(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = ID) String workflowId,
      @Option(
              names = "--from",
              paramLabel = "STEP_ID",
              required = true,
              description = "The first step that is done again.")
          String fromStepId,
      @Option(
              names = "--id",
              paramLabel = ID,
              description = "The new workflow's id, a UUID. Default: a new one.")
          @Nullable String newWorkflowId) {
    return person.command(
        console(),
        "restarted as",
        path(workflowId, "restart"),
        JSON.objectNode()
            .put("fromStepId", fromStepId)
            .put("workflowId", newWorkflowId == null ? newId() : newWorkflowId));
  }

  /** Made here, so that a command that has to be sent twice is carried out once. */
  private static String newId() {
    return UuidCreator.getTimeOrderedEpoch().toString();
  }

  /** Whatever its pages. */
  private static ArrayNode all(ApiClient api, ListPath list) {
    ArrayNode items = JSON.arrayNode();
    api.items(list.toString()).forEach(items::add);
    return items;
  }

  private static ListPath asked(String workflowId, String what) {
    return new ListPath(path(workflowId, what));
  }

  private static String path(String workflowId, String verb) {
    return "/v1/workflows/%s/%s".formatted(workflowId, verb);
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

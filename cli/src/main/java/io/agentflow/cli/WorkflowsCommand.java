package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.client.ListPath;
import java.util.ArrayList;
import java.util.List;
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
    subcommands = SubmitCommand.class,
    description = {
      "What is run and was run: submit it, list it, steer it, read its history, see its state at",
      "any point."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af workflows submit samples/linear.yaml --follow",
      "  af workflows list --limit 10",
      "  af workflows list --status running --label team:support",
      "  af workflows history 018f4e6a-0000-7000-8000-000000000001",
      "  af workflows state 018f4e6a-0000-7000-8000-000000000001 --at 120",
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
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Spec private CommandSpec spec;

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List workflows, newest first.")
  int list(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin PageOptions page,
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description =
                  "Only those that stand so: created, running, paused, compensating, completed, failed, cancelled.")
          @Nullable String status,
      @Option(names = "--agent", paramLabel = "AGENT_ID", description = "Only those of this agent.")
          @Nullable String agentId,
      @Option(
              names = "--budget",
              paramLabel = "BUDGET_ID",
              description = "Only those that charge this budget.")
          @Nullable String budgetId,
      @Option(
              names = "--label",
              paramLabel = "NAME:VALUE",
              description = "Only those with this label; may be repeated.")
          @Nullable List<String> labels,
      @Option(
              names = "--created-after",
              paramLabel = "TIME",
              description = "Only those created later, as 2026-11-21T06:00:00Z.")
          @Nullable String createdAfter,
      @Option(
              names = "--created-before",
              paramLabel = "TIME",
              description = "Only those created earlier.")
          @Nullable String createdBefore) {
    ListPath path =
        new ListPath("/v1/workflows")
            .with("status", status)
            .with("agentId", agentId)
            .with("budgetId", budgetId)
            .with("createdAfter", createdAfter)
            .with("createdBefore", createdBefore);
    if (labels != null) {
      labels.forEach(label -> path.with("label", label));
    }
    return page.print(
        Console.ofProcess(spec.commandLine().getOut()),
        server.client(tenant),
        path,
        json,
        List.of(ID, "STATUS", "STEPS", "MESSAGES", "TOOL CALLS", "TOKENS", "COST", "NAME"),
        row ->
            List.of(
                row.path("workflowId").asText(),
                row.path("status").asText(),
                stepsDone(row),
                Console.count(row.path("messages").asLong()),
                Console.count(row.path("toolCalls").asLong()),
                Console.count(row.path("totalTokens").asLong()),
                Console.dollars(row.path("totalMicroDollars").asLong()),
                row.path("name").asText()));
  }

  private static String stepsDone(JsonNode row) {
    return row.path("planVersion").isNumber()
        ? row.path("stepsDone").asText() + " of " + row.path("stepsTotal").asText()
        : "-";
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show one workflow as its table has it.")
  int show(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String workflowId) {
    return fields(json, server.client(tenant).get("/v1/workflows/" + workflowId));
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
              paramLabel = "POSITION",
              description = "At this position of the log. Default: now.")
          @Nullable Long position) {
    JsonNode answer =
        server
            .client(tenant)
            .get(
                "/v1/workflows/%s/state%s"
                    .formatted(workflowId, position == null ? "" : "?at=" + position));
    return fields(json, answer);
  }

  private int fields(JsonOption json, JsonNode answer) {
    Console console = console();
    if (json.isSet()) {
      console.json(answer);
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>();
    addFields(rows, answer);
    console.table(List.of("FIELD", "VALUE"), rows);
    return ExitCode.OK;
  }

  private static void addFields(List<List<String>> rows, JsonNode object) {
    object
        .properties()
        .forEach(
            field -> {
              if (field.getKey().equals("state")) {
                addFields(rows, field.getValue());
              } else if (!field.getValue().isNull()) {
                rows.add(
                    List.of(
                        field.getKey(),
                        field.getValue().isValueNode()
                            ? Console.oneLine(field.getValue().asText())
                            : field.getValue().toString()));
              }
            });
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = "Read what a workflow did, entry by entry, from the log.")
  int history(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = ID) String workflowId) {
    ObjectNode history = whole(server.client(tenant), workflowId, "history");
    Console console = console();
    if (json.isSet()) {
      console.json(history);
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode entry : history.path("items")) {
      JsonNode payload = entry.path("payload");
      rows.add(
          List.of(
              entry.path("sequence").asText(),
              entry.path("position").asText(),
              entry.path("occurredAt").asText().substring(11, 23),
              entry.path("type").asText(),
              Console.dollars(payload.path("totalMicroDollars").asLong()),
              entry.path("hash").asText().substring(0, 8),
              Console.oneLine(summary(payload))));
    }
    console.table(List.of("SEQ", "POSITION", "TIME", "TYPE", "COST SO FAR", "HASH", "WHAT"), rows);
    return ExitCode.OK;
  }

  private static ObjectNode whole(ApiClient api, String workflowId, String list) {
    ObjectNode whole = JSON.objectNode().put("workflowId", workflowId);
    ArrayNode items = whole.putArray("items");
    api.items("/v1/workflows/" + workflowId + "/" + list).forEach(items::add);
    return whole;
  }

  /** The one field of an event that tells most. */
  static String summary(JsonNode payload) {
    if (payload.has("content")) {
      return payload.path("from").asText() + ": " + payload.path("content").asText();
    }
    if (payload.has("arguments")) {
      return payload.path("tool").asText() + " " + payload.path("arguments").asText();
    }
    if (payload.has("callId")) {
      return payload.path("tool").asText() + " -> " + payload.path("result").asText();
    }
    for (String field : List.of("reason", "result", "intent")) {
      if (payload.has(field)) {
        return payload.path(field).asText();
      }
    }
    return "";
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
    JsonNode answer = whole(server.client(tenant), workflowId, "steps");
    if (json.isSet()) {
      console().json(answer);
    } else if (answer.path("items").isEmpty()) {
      console().line("no plan is approved");
    } else {
      console().table(PlanTree.HEADERS, PlanTree.rows(answer.path("items")));
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

  private static String path(String workflowId, String verb) {
    return "/v1/workflows/%s/%s".formatted(workflowId, verb);
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

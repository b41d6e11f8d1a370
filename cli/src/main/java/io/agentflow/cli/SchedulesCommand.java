package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.client.ListPath;
import io.agentflow.client.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af schedules}. */
@Command(
    name = "schedules",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Workflows that start by themselves: at certain times, one after the other.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  af schedules create samples/linear.yaml --cron '0 6 * * MON-FRI' --zone Europe/Berlin",
      "  af schedules create samples/linear.yaml --cron '*/10 * * * *' --overlap queue --queue 3",
      "  af schedules show SCHEDULE_ID",
      "  af schedules trigger SCHEDULE_ID",
      "  af schedules pause SCHEDULE_ID --reason 'the provider is down'"
    })
final class SchedulesCommand {

  private static final String SCHEDULE_ID = "SCHEDULE_ID";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Spec private CommandSpec spec;

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Create a schedule from a plan's file, as 'af workflows submit' takes it.",
        "docs/schedules.md says what its times and policies mean."
      })
  int create(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin PersonOption person,
      @Mixin JsonOption json,
      @Parameters(paramLabel = "FILE", description = "The file; - for the standard input.")
          String file,
      @Option(
              names = "--cron",
              paramLabel = "CRON",
              required = true,
              description =
                  "Minute, hour, day of month, month, day of week; a second may come first.")
          String cron,
      @Option(
              names = "--zone",
              paramLabel = "ZONE",
              description = "Whose clock it goes by. Default: UTC.")
          @Nullable String zone,
      @Option(
              names = "--overlap",
              paramLabel = "POLICY",
              description = "While one runs, the next one: skip, queue or allow. Default: skip.")
          @Nullable String overlap,
      @Option(
              names = "--queue",
              paramLabel = "FIRINGS",
              description = "Most that wait, with --overlap queue. Default: 1.")
          @Nullable Integer queueMax,
      @Option(
              names = "--catch-up",
              paramLabel = "SECONDS",
              description = "What is later than this is skipped. Default: 366 days.")
          @Nullable Long catchUpSeconds,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              description = "What people call it. Default: the name in the file.")
          @Nullable String name,
      @Option(
              names = "--id",
              paramLabel = SCHEDULE_ID,
              description = "Its id, a UUID. Default: a new one.")
          @Nullable String scheduleId)
      throws IOException {
    PlanFile plan = PlanFile.read(file);
    ObjectNode body =
        JSON.objectNode()
            .put(
                "scheduleId",
                scheduleId == null ? UuidCreator.getTimeOrderedEpoch().toString() : scheduleId)
            .put("name", name == null ? plan.workflow().path("name").asText() : name)
            .put("cron", cron);
    if (zone != null) {
      body.put("zone", zone);
    }
    if (overlap != null) {
      body.put("overlap", overlap);
    }
    if (queueMax != null) {
      body.put("queueMax", queueMax);
    }
    if (catchUpSeconds != null) {
      body.put("catchUpMillis", Math.multiplyExact(catchUpSeconds, 1_000L));
    }
    body.set("workflow", workflow(plan));
    ApiClient api = server.client(tenant).actingAs(person.name(), List.of());
    try {
      return done(json, "created", api.post("/v1/schedules", body));
    } catch (Refusal e) {
      if (!json.isSet()) {
        SubmitCommand.printFaults(console(), e);
      }
      throw e;
    }
  }

  private static ObjectNode workflow(PlanFile plan) {
    ObjectNode workflow = plan.workflow().deepCopy();
    ObjectNode budget = plan.budget();
    if (budget != null) {
      workflow
          .putObject("budget")
          .<ObjectNode>set("tokens", budget.path("limitTokens"))
          .set("microDollars", budget.path("limitMicroDollars"));
    }
    workflow.set("plan", plan.plan());
    return workflow;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List schedules, newest first.")
  int list(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin PageOptions page,
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description = "Only those that stand so: active, paused, deleted.")
          @Nullable String status) {
    return page.print(
        console(),
        server.client(tenant),
        new ListPath("/v1/schedules").with("status", status),
        json,
        List.of(
            SCHEDULE_ID,
            "STATUS",
            "CRON",
            "ZONE",
            "OVERLAP",
            "NEXT",
            "RUNNING",
            "WAITING",
            "LAST END",
            "NAME"),
        row ->
            List.of(
                row.path("scheduleId").asText(),
                row.path("status").asText(),
                row.path("cron").asText(),
                row.path("zone").asText(),
                row.path("overlap").asText(),
                row.path("nextDueAt").asText("-"),
                Console.count(row.path("running").size()),
                Console.count(row.path("waiting").size()),
                row.path("lastEnd").asText("-").replace('_', ' '),
                row.path("name").asText()));
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show one schedule, and when it is due next.")
  int show(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = SCHEDULE_ID) String scheduleId) {
    JsonNode answer = server.client(tenant).get("/v1/schedules/" + scheduleId);
    if (json.isSet()) {
      console().json(answer);
      return ExitCode.OK;
    }
    List<List<String>> rows = new ArrayList<>();
    answer
        .properties()
        .forEach(
            field -> {
              if (!field.getValue().isNull()) {
                rows.add(List.of(field.getKey(), text(field.getValue())));
              }
            });
    console().table(List.of("FIELD", "VALUE"), rows);
    return ExitCode.OK;
  }

  private static String text(JsonNode value) {
    if (value.isArray()) {
      List<String> texts = new ArrayList<>();
      value.forEach(item -> texts.add(item.asText()));
      return texts.isEmpty() ? "none" : String.join(", ", texts);
    }
    return value.isValueNode() ? Console.oneLine(value.asText()) : value.toString();
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Let it not be due until it is resumed; what runs goes on.")
  int pause(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = SCHEDULE_ID) String scheduleId,
      @Option(names = "--reason", paramLabel = "REASON", required = true) String reason) {
    return person.command(
        console(),
        "paused",
        "/v1/schedules/%s/pause".formatted(scheduleId),
        JSON.objectNode().put("reason", reason));
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Go on; what would have been due meanwhile is not made up for.")
  int resume(@Mixin PersonOptions person, @Parameters(paramLabel = SCHEDULE_ID) String scheduleId) {
    return person.command(
        console(), "resumed", "/v1/schedules/%s/resume".formatted(scheduleId), JSON.objectNode());
  }

  @Command(
      name = "trigger",
      mixinStandardHelpOptions = true,
      description = "Start its workflow now, whatever the time.")
  int trigger(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin PersonOption person,
      @Mixin JsonOption json,
      @Parameters(paramLabel = SCHEDULE_ID) String scheduleId,
      @Option(
              names = "--id",
              paramLabel = "TRIGGER_ID",
              description = "The same id again starts nothing twice. Default: a new one.")
          @Nullable String triggerId) {
    JsonNode answer =
        server
            .client(tenant)
            .actingAs(person.name(), List.of())
            .post(
                "/v1/schedules/%s/trigger".formatted(scheduleId),
                JSON.objectNode()
                    .put(
                        "triggerId",
                        triggerId == null
                            ? UuidCreator.getTimeOrderedEpoch().toString()
                            : triggerId));
    if (json.isSet()) {
      console().json(answer);
    } else {
      console()
          .line(
              "workflow %s begins, at once or in its turn"
                  .formatted(answer.path("workflowId").asText()));
    }
    return ExitCode.OK;
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "End it for good; what runs goes on, what waits is dropped.")
  int delete(@Mixin PersonOptions person, @Parameters(paramLabel = SCHEDULE_ID) String scheduleId) {
    return person.command(
        console(), "deleted", "/v1/schedules/%s/delete".formatted(scheduleId), JSON.objectNode());
  }

  private int done(JsonOption json, String what, JsonNode answer) {
    if (json.isSet()) {
      console().json(answer);
    } else {
      console().line("%s %s".formatted(answer.path("id").asText(), what));
    }
    return ExitCode.OK;
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}

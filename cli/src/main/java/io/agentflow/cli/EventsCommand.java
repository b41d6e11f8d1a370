package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.client.Event;
import io.agentflow.client.EventQuery;
import io.agentflow.client.EventStream;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code af events}. */
@Command(
    name = "events",
    mixinStandardHelpOptions = true,
    description = {
      "Read the tenant's events from the log, in order, each once.",
      "Without --follow it ends where the log ended when it was called.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af events --follow",
      "  af events --follow --types 'workflow.completed,workflow.failed,budget.*'",
      "  af events --workflow 018f4e6a-0000-7000-8000-000000000001 --json",
      "  af events --from 1200 --follow"
    })
final class EventsCommand implements Callable<Integer> {

  private static final List<String> IDS =
      List.of(
          "workflowId", "stepId", "agentId", "budgetId", "reservationId", "approvalId", "signalId");

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what is appended, until Ctrl-C; outlasts a server that is away.")
  private boolean follow;

  @Option(
      names = "--types",
      paramLabel = "TYPES",
      description = "These types alone, with commas between; a * at the end stands for any rest.")
  private @Nullable String types;

  @Option(
      names = "--workflow",
      paramLabel = "WORKFLOW_ID",
      description = "What this workflow does, and what budgets and schedules do for it.")
  private @Nullable String workflowId;

  @Option(
      names = "--from",
      paramLabel = "POSITION",
      description = "What follows this position. Default: 0; with --follow where the log ends.")
  private @Nullable Long from;

  @Option(names = "--json", description = "Print JSON lines, as the API tells them.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (EventStream events = server.client(tenant).events(query())) {
      boolean isRead = true;
      while (isRead && events.hasNext()) {
        Event event = events.next();
        out.println(json ? event.json() : lineOf(event.entry()));
        isRead = !out.checkError();
      }
    }
    return ExitCode.OK;
  }

  private EventQuery query() {
    EventQuery query =
        from == null && follow ? EventQuery.fromNow() : EventQuery.after(from == null ? 0 : from);
    EventQuery wanted =
        (types == null ? query : query.types(types.split(",", -1))).ofWorkflow(workflowId);
    return follow ? wanted : wanted.untilNow();
  }

  /** An event on one line: where, when, what, of which ids. */
  static String lineOf(JsonNode item) {
    Set<String> ids = new LinkedHashSet<>();
    ids.add(item.path("aggregateId").asText());
    for (String name : IDS) {
      if (item.path("payload").has(name)) {
        ids.add(item.path("payload").path(name).asText());
      }
    }
    return "%8d  %-27s  %-28s  %s"
        .formatted(
            item.path("position").asLong(),
            item.path("occurredAt").asText(),
            item.path("type").asText(),
            String.join(" ", ids));
  }
}

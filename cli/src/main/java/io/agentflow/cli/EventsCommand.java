package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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

  private static final JsonMapper JSON = new JsonMapper();
  private static final String CAUGHT_UP = "caught-up";
  private static final String RESUME = "resume";
  private static final List<String> IDS =
      List.of(
          "workflowId", "stepId", "agentId", "budgetId", "reservationId", "approvalId", "signalId");
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
  private static final int PAUSE_MILLIS = 1_000;

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

  private @Nullable String lastEventId;

  @Override
  public Integer call() throws InterruptedException {
    ApiClient api = server.client(tenant);
    if (!follow) {
      if (!print(api)) {
        throw new ServerUnreachable(api.server(), new IOException("the events broke off"));
      }
      return ExitCode.OK;
    }
    ApiClient patient = api.untilAnswered(ANSWER_WITHIN, () -> {});
    boolean over = print(api);
    while (!over) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      over = print(patient);
    }
    return ExitCode.OK;
  }

  /** Prints what comes by one connection; answers whether that was all that is wanted. */
  private boolean print(ApiClient api) {
    PrintWriter out = spec.commandLine().getOut();
    try (InputStream answer = api.events(path(), lastEventId)) {
      ServerSentEvents events = new ServerSentEvents(answer);
      for (var event = events.next(); event != null; event = events.next()) {
        if (!event.data().isEmpty() && !event.type().equals(RESUME)) {
          if (!event.type().equals(CAUGHT_UP)) {
            out.println(json ? event.data() : lineOf(JSON.readTree(event.data())));
          } else if (!follow) {
            return true;
          }
          if (out.checkError()) {
            return true;
          }
        }
        lastEventId = event.id() == null ? lastEventId : event.id();
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private String path() {
    List<String> query = new ArrayList<>();
    add(query, "types", types);
    add(query, "workflowId", workflowId);
    if (from != null || !follow) {
      add(query, "from", from == null ? "0" : Long.toString(from));
    }
    return "/v1/events" + (query.isEmpty() ? "" : "?" + String.join("&", query));
  }

  private static void add(List<String> query, String name, @Nullable String value) {
    if (value != null) {
      query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
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

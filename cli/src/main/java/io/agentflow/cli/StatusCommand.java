package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code af status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Show how far the log is appended, projected and published.")
final class StatusCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private JsonOption json;

  @Override
  public Integer call() {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    JsonNode status = server.client().get("/v1/status");
    if (json.isSet()) {
      console.json(status);
      return ExitCode.OK;
    }
    JsonNode bridge = status.path("bridge");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("server", server.url().toString(), ""));
    rows.add(List.of("appended", Console.count(status.path("log").path("position").asLong()), ""));
    status
        .path("projections")
        .properties()
        .forEach(
            projection ->
                rows.add(
                    List.of(
                        "projected",
                        Console.count(projection.getValue().asLong()),
                        projection.getKey())));
    rows.add(
        List.of(
            "published",
            Console.count(bridge.path("position").asLong()),
            bridge.path("state").asText() + " " + bridge.path("detail").asText()));
    for (JsonNode stream : bridge.path("streams")) {
      rows.add(
          List.of(
              "stream",
              Console.count(stream.path("messages").asLong()),
              stream.path("name").asText()));
    }
    console.table(List.of("WHAT", "POSITION", "OF"), rows);
    return ExitCode.OK;
  }
}

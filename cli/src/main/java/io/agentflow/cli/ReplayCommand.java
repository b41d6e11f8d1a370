package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Publish a workflow's history again, in order, under a replay subject of NATS.",
      "Each entry's hash is checked before it goes out."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  nats sub 'af.default.replay.>' &",
      "  af replay 018f4e6a-0000-7000-8000-000000000001"
    })
final class ReplayCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "WORKFLOW_ID")
  private String workflowId;

  @Override
  public Integer call() {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    JsonNode answer =
        server
            .client(tenant)
            .post(
                "/v1/replays", JsonNodeFactory.instance.objectNode().put("workflowId", workflowId));
    if (json.isSet()) {
      console.json(answer);
    } else {
      console.line(
          "%s messages published and acknowledged under %s"
              .formatted(
                  Console.count(answer.path("messages").asLong()),
                  answer.path("subject").asText()));
      console.line("they stay in stream AF_REPLAYS for a day");
    }
    return ExitCode.OK;
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.client.ListPath;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af search}. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = {
      "Find messages by their words, newest first.",
      "A message has to have all of the words; \"these words\" one behind the other; -not these;",
      "of two with an 'or' between them one will do. Case makes no difference. What begins with a",
      "minus stands behind --.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af search 'refund insurance'",
      "  af search '\"travel insurance\" -refund' --role assistant",
      "  af search 'cancel or cancelled' --workflow 018f4e6a-0000-7000-8000-000000000001",
      "  af search HAT136 --limit 5 --json"
    })
final class SearchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private JsonOption json;
  @Mixin private PageOptions page;

  @Parameters(paramLabel = "TEXT", description = "The words, as one argument.")
  private String text;

  @Option(
      names = "--workflow",
      paramLabel = "WORKFLOW_ID",
      description = "Only messages of this workflow.")
  private @Nullable String workflowId;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "Only messages in this voice: system, user, assistant, tool.")
  private @Nullable String role;

  @Override
  public Integer call() {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    ListPath path =
        new ListPath("/v1/messages")
            .with("text", text)
            .with("workflowId", workflowId)
            .with("role", role);
    JsonNode answer = page.ask(server.client(tenant), path);
    if (json.isSet()) {
      console.json(answer);
      return ExitCode.OK;
    }
    answer
        .path("items")
        .forEach(message -> FoundMessages.print(console, message, message.path("snippet")));
    if (answer.path("items").isEmpty()) {
      console.line("no message has that");
    }
    PageOptions.tellOfMore(console, answer);
    return ExitCode.OK;
  }
}

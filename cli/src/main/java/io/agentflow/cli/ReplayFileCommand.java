package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af workflows replay-file}. */
@Command(
    name = "replay-file",
    mixinStandardHelpOptions = true,
    description = {
      "Fold an exported history again, without a server: each entry is checked against its hash,",
      "then its timeline and the state that it led to are shown. What is altered is refused.",
      "docs/histories.md says what that proves and what not."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af workflows replay-file run.ndjson",
      "  af workflows replay-file run.ndjson --at 120 --json"
    })
public final class ReplayFileCommand implements Callable<Integer> {

  private final HistoryFile.Reader reader;

  @Spec private CommandSpec spec;

  @Mixin private JsonOption json;

  @Parameters(paramLabel = "FILE", description = "What 'af workflows export' wrote.")
  private Path file;

  @Option(
      names = "--at",
      paramLabel = "POSITION|TIME",
      description = "Up to this position of the log, or this time. Default: all of it.")
  private @Nullable String at;

  private ReplayFileCommand(HistoryFile.Reader reader) {
    this.reader = reader;
  }

  /** Adds it to {@code af workflows}, whose files are opened by this reader. */
  public static void addTo(CommandLine af, HistoryFile.Reader reader) {
    Objects.requireNonNull(af.getSubcommands().get("workflows"))
        .addSubcommand("replay-file", new ReplayFileCommand(reader));
  }

  @Override
  public Integer call() throws IOException {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    HistoryFile opened = reader.read(file);
    JsonNode history;
    JsonNode state;
    try {
      history = opened.history(at);
      state = opened.state(at);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
    if (json.isSet()) {
      ObjectNode both = JsonNodeFactory.instance.objectNode();
      both.set("workflowId", history.path("workflowId"));
      both.set("items", history.path("items"));
      both.set("state", state);
      console.json(both);
      return ExitCode.OK;
    }
    JsonNode items = history.path("items");
    Timeline.of(items.path(0)).print(console, items);
    console.line("");
    FieldTable.print(console, state);
    console.line("");
    console.line(
        "%s entries shown; every entry of the file has the hash of what it says"
            .formatted(Console.count(items.size())));
    return ExitCode.OK;
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentflow.cli.runs.ImportReport;
import io.agentflow.cli.runs.ImportReport.SkippedLine;
import io.agentflow.cli.runs.RunImporter;
import io.agentflow.cli.runs.TokenPrices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af runs}. */
@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Recorded agent runs.")
final class RunsCommand {

  private static final int ATTEMPTS = 8;

  @Spec private CommandSpec spec;

  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      description = {
        "Record runs from a file of JSON Lines, through the command API.",
        "Each line is one run: task_id, trial, reward, and traj, a conversation in",
        "OpenAI's chat format. Tokens are estimated: characters / 4.",
        "Importing a file again records nothing twice."
      },
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:all runs are recorded", "1:lines were skipped; each is named"},
      footerHeading = "%nExample:%n",
      footer = "  af runs import runs.jsonl --agent-name support-bot")
  int importRuns(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Parameters(paramLabel = "FILE", description = "The file, one run a line.") Path file,
      @Option(
              names = "--agent-name",
              defaultValue = "assistant",
              description = "The agent whose runs these are (default: ${DEFAULT-VALUE}).")
          String agentName,
      @Option(
              names = "--input-price",
              defaultValue = "2.50",
              paramLabel = "DOLLARS",
              description = "For a million tokens read (default: ${DEFAULT-VALUE}).")
          double inputPrice,
      @Option(
              names = "--output-price",
              defaultValue = "10.00",
              paramLabel = "DOLLARS",
              description = "For a million tokens written (default: ${DEFAULT-VALUE}).")
          double outputPrice,
      @Option(
              names = "--concurrency",
              defaultValue = "8",
              paramLabel = "RUNS",
              description = "Runs under way at a time (default: ${DEFAULT-VALUE}).")
          int concurrency)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file + " is not a file that can be read");
    }
    Console console = Console.ofProcess(spec.commandLine().getOut());
    RunImporter importer =
        new RunImporter(
            new ApiClient(server.url(), tenant.name(), ATTEMPTS),
            tenant.name(),
            agentName,
            new TokenPrices(inputPrice, outputPrice),
            Math.max(1, concurrency));
    ImportReport report = importWithProgress(console, importer, file);
    if (json.isSet()) {
      console.json(new JsonMapper().valueToTree(report));
    } else {
      print(console, report);
    }
    return report.skipped().isEmpty() ? ExitCode.OK : ExitCode.FINDING;
  }

  static ImportReport importWithProgress(Console console, RunImporter importer, Path file)
      throws IOException {
    try (ProgressBar progress = console.progress("importing", Files.size(file))) {
      progress.setExtraMessage(" bytes");
      return importer.importFile(file, progress::stepTo);
    }
  }

  private static void print(Console console, ImportReport report) {
    console.table(
        List.of("RUNS", "IMPORTED", "ALREADY THERE", "SKIPPED", "COMMANDS", "TOKENS", "COST"),
        List.of(
            List.of(
                Console.count(report.runs()),
                Console.count(report.imported()),
                Console.count(report.alreadyImported()),
                Console.count(report.skipped().size()),
                Console.count(report.commands()),
                Console.count(report.tokens()),
                Console.dollars(report.microDollars()))));
    for (SkippedLine line : report.skipped()) {
      console.styled("@|yellow line %d skipped:|@ %s".formatted(line.line(), line.problem()));
    }
  }
}

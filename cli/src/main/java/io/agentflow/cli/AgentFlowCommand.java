package io.agentflow.cli;

import io.agentflow.client.Refusal;
import io.agentflow.client.ServerUnreachable;
import io.agentflow.eventstore.verify.UnreadableExport;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;

/** {@code af}: all commands, and how each failure ends. */
@Command(
    name = "af",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = AgentFlowCommand.Version.class,
    header = "AgentFlow runs the work of AI agents, holds its budget, and proves it.",
    subcommands = {
      StatusCommand.class,
      TokenCommand.class,
      AccessCommand.class,
      KeysCommand.class,
      RunsCommand.class,
      WorkflowsCommand.class,
      SearchCommand.class,
      ToolsCommand.class,
      SchedulesCommand.class,
      ProjectionsCommand.class,
      BridgeCommand.class,
      ApprovalsCommand.class,
      AgentsCommand.class,
      WorkerCommand.class,
      BudgetsCommand.class,
      EventsCommand.class,
      ReplayCommand.class,
      AuditCommand.class,
      DownCommand.class,
      HelpCommand.class
    },
    footerHeading = "%nFirst steps:%n",
    footer = {
      "  af demo                      see it all at work, on recorded runs",
      "  af up                        start a server here",
      "  af runs import FILE          record what your agents did",
      "  af workflows steps ID        see how far a plan has come",
      "  af approvals list            see what waits for people",
      "  af workflows history ID      read what a run did, entry by entry",
      "  af search 'refund'           find messages by their words",
      "  af events --follow           see events as they are appended",
      "  af worker --name NAME        do steps of workflows, as an agent",
      "  af audit verify              check that nobody changed it",
      "  af token --role ROLE         a token for curl, or for a client of yours",
      "  af keys create NAME          a key for a program that cannot fetch tokens",
      "",
      "AF_TOKEN, or a file AF_TOKEN_FILE, has the token or key that is sent; without it, and on",
      "the server's machine in development, af makes its own.",
      "",
      "Exit codes: 0 done, 1 done but not all is well, 2 wrong usage,",
      "            3 no server answers, 4 the server refused, 5 unexpected,",
      "            6 the file is not what it has to be: a plan, a rule, a whole export."
    })
public final class AgentFlowCommand {

  /** The version of the jar that this class came in. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = AgentFlowCommand.class.getPackage().getImplementationVersion();
      return new String[] {"af " + (version == null ? "(development)" : version)};
    }
  }

  /** The command line, to which the server adds what only it can do. */
  public static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new AgentFlowCommand());
    commandLine.setExecutionExceptionHandler(AgentFlowCommand::tell);
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setUsageHelpLongOptionsMaxWidth(30);
    return commandLine;
  }

  private static @Nullable String sentence(Exception e) {
    return e instanceof ServerUnreachable
        ? e.getMessage() + "; start one with 'af up'"
        : e.getMessage();
  }

  /** One sentence for a person; the stack trace only on request. */
  private static int tell(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println(command.getColorScheme().errorText("af: " + sentence(e)));
    if ("1".equals(System.getenv("AF_DEBUG"))) {
      e.printStackTrace(err);
    }
    return switch (e) {
      case ServerUnreachable unreachable -> ExitCode.SERVER_UNREACHABLE;
      case Refusal refusal -> ExitCode.REFUSED;
      case UnreadableExport unreadable -> ExitCode.UNREADABLE;
      case UnreadableDefinition unreadable -> ExitCode.UNREADABLE;
      case java.nio.file.NoSuchFileException noFile -> ExitCode.USAGE;
      default -> ExitCode.UNEXPECTED;
    };
  }
}

package io.agentflow.server;

import io.agentflow.cli.AgentFlowCommand;
import io.agentflow.cli.DemoCommand;
import io.agentflow.cli.ReplayFileCommand;
import picocli.CommandLine;

/** {@code af}: the command line, and the server that {@code af up} is. */
public final class AgentFlow {

  private AgentFlow() {}

  public static void main(String[] arguments) {
    CommandLine commandLine = AgentFlowCommand.commandLine();
    commandLine.addSubcommand("up", new UpCommand());
    commandLine.addSubcommand("demo", new DemoCommand(new DetachedServer()));
    ReplayFileCommand.addTo(commandLine, new OfflineHistories());
    System.exit(commandLine.execute(arguments));
  }
}

package io.agentflow.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import picocli.CommandLine;

/** Runs the command line against a server that records what it is asked. */
abstract class AgainstServer {

  final StringWriter out = new StringWriter();
  final StringWriter err = new StringWriter();
  RecordingServer server;

  @BeforeEach
  void start() throws IOException {
    server = new RecordingServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  int af(String... arguments) {
    CommandLine commandLine = AgentFlowCommand.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--server", server.url()));
    return commandLine.execute(all.toArray(String[]::new));
  }
}

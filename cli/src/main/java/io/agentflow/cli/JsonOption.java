package io.agentflow.cli;

import picocli.CommandLine.Option;

/** Whether a command prints JSON in place of tables. */
public final class JsonOption {

  @Option(names = "--json", description = "Print JSON, as the API answers it.")
  private boolean json;

  public boolean isSet() {
    return json;
  }
}

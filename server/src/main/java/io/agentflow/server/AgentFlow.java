package io.agentflow.server;

import java.util.OptionalInt;

/** {@code af}. */
public final class AgentFlow {

  private AgentFlow() {}

  public static void main(String[] arguments) {
    Server.start(ServerSettings.of(System.getenv(), OptionalInt.empty()));
  }
}

package io.agentflow.bridge.command;

/** Decides commands. */
@FunctionalInterface
public interface CommandTarget {

  /** Has a command decided, and waits for that; whatever goes wrong is an answer too. */
  BusAnswer send(BusCommand command);
}

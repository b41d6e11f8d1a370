package io.agentflow.cli.runs;

/** A line is not a recorded run; the message says what is wrong with it. */
final class InvalidRun extends Exception {

  private static final long serialVersionUID = 1L;

  InvalidRun(String message) {
    super(message);
  }
}

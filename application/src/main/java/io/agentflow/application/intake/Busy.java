package io.agentflow.application.intake;

/** What was asked for is done by one at a time, and the turn did not come soon enough. */
public final class Busy extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public Busy(String what) {
    super(what + " is under way; try again when it is done");
  }
}

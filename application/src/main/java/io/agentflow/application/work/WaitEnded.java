package io.agentflow.application.work;

/** Whoever waited for steps does not want any more. */
final class WaitEnded extends RuntimeException {

  private static final long serialVersionUID = 1L;

  WaitEnded() {
    super("the wait was ended by who waited");
  }
}

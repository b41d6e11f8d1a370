package io.agentflow.eventstore;

/**
 * The connection broke while the commit was on its way and the database has not been reached since:
 * the events are appended, or they are not. Sending the command again is safe and will tell.
 */
public final class LogOutcomeUnknown extends LogUnavailable {

  private static final long serialVersionUID = 1L;

  public LogOutcomeUnknown(Throwable cause) {
    super(
        "the database was lost during the commit; send the command again to learn the outcome",
        cause);
  }
}

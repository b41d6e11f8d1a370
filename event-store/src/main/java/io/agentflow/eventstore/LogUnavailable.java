package io.agentflow.eventstore;

/** The database did not answer, or refused; nothing was appended. Trying again later may help. */
public class LogUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LogUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.agentflow.application.port;

/** There is no message bus at the moment. The log is whole and the work can go on without it. */
public class BusUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public BusUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.agentflow.eventstore;

import org.jspecify.annotations.Nullable;

/** The log cannot be read or written at the moment; nothing was appended. Try again later. */
public class LogUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LogUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

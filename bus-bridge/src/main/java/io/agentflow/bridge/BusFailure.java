package io.agentflow.bridge;

import org.jspecify.annotations.Nullable;

/** The bus cannot be reached, or did not acknowledge. */
public class BusFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BusFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

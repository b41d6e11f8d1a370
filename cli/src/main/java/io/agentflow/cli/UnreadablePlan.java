package io.agentflow.cli;

import org.jspecify.annotations.Nullable;

/** A file that is no plan: not well-formed, or without what every plan has. */
final class UnreadablePlan extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UnreadablePlan(String message) {
    this(message, null);
  }

  UnreadablePlan(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package io.agentflow.cli;

import org.jspecify.annotations.Nullable;

/** A file that people write and that cannot be read: not well-formed, or no plan, or no rule. */
final class UnreadableDefinition extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UnreadableDefinition(String message) {
    this(message, null);
  }

  UnreadableDefinition(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

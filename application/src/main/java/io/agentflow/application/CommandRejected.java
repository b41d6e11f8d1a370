package io.agentflow.application;

import io.agentflow.domain.Rejection;

/** A decider said no; nothing was appended. Carries the reason, which becomes the answer. */
public final class CommandRejected extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Rejection reason;

  public CommandRejected(Rejection reason) {
    super(reason.sentence());
    this.reason = reason;
  }

  public Rejection reason() {
    return reason;
  }
}

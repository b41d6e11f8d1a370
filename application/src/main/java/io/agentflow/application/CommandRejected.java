package io.agentflow.application;

import io.agentflow.domain.Rejection;

/**
 * A decider said no; nothing was appended. Carries the reason, which becomes the answer, and the
 * version of the aggregate that was looked at, since a cached one may be behind the log.
 */
public final class CommandRejected extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Rejection reason;
  private final long version;

  /**
   * A refusal.
   *
   * @param version the sequence number of the aggregate's last event; -1 when it has none
   */
  public CommandRejected(Rejection reason, long version) {
    super(reason.sentence());
    this.reason = reason;
    this.version = version;
  }

  public long version() {
    return version;
  }

  public Rejection reason() {
    return reason;
  }
}

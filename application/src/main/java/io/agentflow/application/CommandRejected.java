package io.agentflow.application;

import io.agentflow.domain.Rejection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A decider said no; nothing was appended. Carries the reason, which becomes the answer, and the
 * version of the aggregate that was looked at, since a cached one may be behind the log.
 */
public final class CommandRejected extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Rejection reason;
  private final @Nullable String otherAggregateId;
  private final long version;

  /**
   * A refusal.
   *
   * @param version the sequence number of the aggregate's last event; -1 when it has none
   */
  public CommandRejected(Rejection reason, long version) {
    this(reason, null, version);
  }

  private CommandRejected(Rejection reason, @Nullable String otherAggregateId, long version) {
    super(reason.sentence());
    this.reason = reason;
    this.otherAggregateId = otherAggregateId;
    this.version = version;
  }

  /** The same, said by another aggregate than the one that the command was sent to. */
  public CommandRejected by(String aggregateId) {
    return new CommandRejected(reason, aggregateId, version);
  }

  /** Who said no, where it was not the aggregate that the command was sent to. */
  public Optional<String> otherAggregateId() {
    return Optional.ofNullable(otherAggregateId);
  }

  public long version() {
    return version;
  }

  public Rejection reason() {
    return reason;
  }
}

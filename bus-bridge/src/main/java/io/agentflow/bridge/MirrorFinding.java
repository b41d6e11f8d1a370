package io.agentflow.bridge;

import org.jspecify.annotations.Nullable;

/**
 * Something in a stream that is not as the log has it.
 *
 * @param position of the entry in the log; null where there is none
 * @param messageId {@code Nats-Msg-Id}: of an event's own message the event's id
 * @param sequence of the message in the stream; null for what is not there
 * @param subject of the message, or the one that it should have
 * @param detail in what it differs
 */
public record MirrorFinding(
    Kind kind,
    @Nullable Long position,
    String messageId,
    @Nullable Long sequence,
    String subject,
    String detail) {

  /** What can be wrong with a message. */
  public enum Kind {
    /** An entry of the log is not told, though it was, and is not forgotten by age or size. */
    MISSING,
    /** No entry of the log has its id and position. */
    FOREIGN,
    /** An entry of the log, with another subject, header or body. */
    ALTERED,
    /** An entry of the log, told before. */
    DUPLICATE,
    /** An entry of the log, behind one that comes later in the log. */
    OUT_OF_ORDER
  }
}

package io.agentflow.bridge;

import io.agentflow.bridge.Bus.StoredMessage;
import io.agentflow.bridge.Bus.StreamEnd;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import java.util.List;
import java.util.Optional;

/**
 * Finds where to go on with a stream. What the stream holds counts more than what the cursor says:
 * it may be shorter, after a power failure or because it was made anew, or longer, where the cursor
 * could not be moved any more.
 */
final class ResumePoint {

  /** Messages of others, and gaps, that are looked past. */
  private static final int LOOKS_BACK_MAX = 1_000;

  private final Bus bus;
  private final LogReader log;
  private final StreamContent content;

  ResumePoint(Bus bus, LogReader log, StreamContent content) {
    this.bus = bus;
    this.log = log;
    this.content = content;
  }

  /**
   * The stream's last sequence number, and up to which entry it is told.
   *
   * @param cursor as it was kept
   */
  BridgeCursor after(BridgeCursor cursor) {
    StreamEnd end = bus.end(content.stream());
    if (end.lastSequence() == 0) {
      return new BridgeCursor(0, 0);
    }
    boolean known = cursor.sequence() != BridgeCursor.UNKNOWN;
    if (known && end.lastSequence() == cursor.sequence()) {
      return cursor;
    }
    boolean longer = !known || end.lastSequence() > cursor.sequence();
    long lowest =
        Math.max(
            end.lastSequence() - LOOKS_BACK_MAX,
            known && longer ? cursor.sequence() : end.firstSequence() - 1);
    long position = lastPosition(end.lastSequence(), lowest).orElse(longer ? cursor.position() : 0);
    return new BridgeCursor(position, end.lastSequence());
  }

  private Optional<Long> lastPosition(long last, long lowest) {
    long bodyBytesMax = bus.maxBodyBytes();
    for (long sequence = last; sequence > lowest; sequence--) {
      Optional<Long> position =
          bus.stored(content.stream(), sequence).flatMap(message -> ours(message, bodyBytesMax));
      if (position.isPresent()) {
        return position;
      }
    }
    return Optional.empty();
  }

  /** The position of a message that the log has for this stream; anybody may have published it. */
  private Optional<Long> ours(StoredMessage message, long bodyBytesMax) {
    Optional<Long> position = message.header(MessageHeaders.POSITION).flatMap(ResumePoint::number);
    if (position.isEmpty()) {
      return Optional.empty();
    }
    List<LogEntry> entries =
        log.selected(content.selection(), position.get() - 1, position.get(), 1);
    return entries.stream()
        .findFirst()
        .flatMap(entry -> content.message(entry, bodyBytesMax))
        .filter(
            told ->
                told.subject().equals(message.subject())
                    && message.header("Nats-Msg-Id").equals(Optional.of(told.id())))
        .map(told -> position.get());
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}

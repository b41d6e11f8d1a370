package io.agentflow.domain;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A point of the past as people name it: a position of the log, or a time. */
public sealed interface Moment {

  /** At this position of the log. */
  record AtPosition(long position) implements Moment {}

  /** At this time, by the clocks of the nodes that decided. */
  record AtTime(Instant time) implements Moment {}

  /** What a log of ours can have; beyond it the database knows no times. */
  Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

  Pattern POSITION = Pattern.compile("[0-9]{1,18}");

  /**
   * Reads what a client names.
   *
   * @param text null where it names nothing
   * @throws InvalidField for what is neither a position nor a time
   */
  static @Nullable Moment read(String field, @Nullable String text) {
    if (text == null) {
      return null;
    }
    if (POSITION.matcher(text).matches()) {
      return new AtPosition(Long.parseLong(text));
    }
    try {
      Instant time = Instant.parse(text);
      if (!time.isBefore(EARLIEST) && !time.isAfter(LATEST)) {
        return new AtTime(time);
      }
    } catch (DateTimeParseException e) {
      throw malformed(field);
    }
    throw malformed(field);
  }

  private static InvalidField malformed(String field) {
    return new InvalidField(
        field, "must be a position of the log, or a time such as 2026-11-21T06:00:00Z");
  }

  /**
   * Whether what stands at this position, and occurred at this time, is at this moment or before.
   */
  default boolean isReachedBy(long position, Instant occurredAt) {
    return switch (this) {
      case AtPosition(long last) -> position <= last;
      case AtTime(Instant time) -> !occurredAt.isAfter(time);
    };
  }

  /** In a phrase that follows an id. */
  default String words() {
    return switch (this) {
      case AtPosition(long position) -> "at position " + position;
      case AtTime(Instant time) -> "at " + time;
    };
  }
}

package io.agentflow.eventstore.verify;

import org.jspecify.annotations.Nullable;

/**
 * The first thing that is wrong with a chain.
 *
 * @param tenantPosition where in the tenant's chain; 0 when it is in nobody's
 * @param position the position over all tenants that the broken entry has; null when it is missing
 * @param eventId the broken entry; null when it is missing
 * @param message what is wrong, for people
 */
public record Finding(
    Kind kind,
    long tenantPosition,
    @Nullable Long position,
    @Nullable String eventId,
    String message,
    String expected,
    String found) {

  /** What can be wrong. */
  public enum Kind {
    /** The bytes do not have the hash that is stored beside them, or are no record at all. */
    ALTERED_ENTRY,
    /** The entry names another hash than that of the entry before it. */
    BROKEN_LINK,
    /** An entry is not there although a later one is. */
    MISSING_ENTRY,
    /** Two entries claim one place. */
    DUPLICATE_POSITION,
    /** An entry stands before the one it follows. */
    MISPLACED_ENTRY,
    /** The chain ends before the head that the writer recorded. */
    MISSING_TAIL,
    /** The recorded head names another end than the chain has. */
    HEAD_DIFFERS
  }

  /** The same finding, with the line of a file in its message. */
  Finding atLine(long line) {
    return new Finding(
        kind,
        tenantPosition,
        position,
        eventId,
        "%s (line %d)".formatted(message, line),
        expected,
        found);
  }
}

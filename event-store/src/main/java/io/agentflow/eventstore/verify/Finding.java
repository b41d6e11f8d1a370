package io.agentflow.eventstore.verify;

import org.jspecify.annotations.Nullable;

/**
 * The first thing that is wrong with a chain.
 *
 * @param tenantPosition where in the tenant's chain
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
    /** The bytes do not have the hash that is stored beside them. */
    ALTERED_ENTRY,
    /** The entry names another hash than that of the entry before it. */
    BROKEN_LINK,
    /** An entry is not there although a later one is. */
    MISSING_ENTRY,
    /** Two entries claim one place, or an entry stands before the one it follows. */
    MISPLACED_ENTRY,
    /** The chain ends before the head that the writer recorded. */
    MISSING_TAIL,
    /** The recorded head names another hash than the last entry has. */
    HEAD_DIFFERS
  }
}

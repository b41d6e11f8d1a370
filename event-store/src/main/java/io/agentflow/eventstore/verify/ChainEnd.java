package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.verify.Entry.Place;
import io.agentflow.eventstore.verify.Finding.Kind;
import java.util.Arrays;
import java.util.HexFormat;

/** How far a chain was followed, and whether an entry is the next. Before the first: nothing. */
final class ChainEnd {

  private final byte[] hash = new byte[Entry.HASH_BYTES];
  private long tenantPosition;
  private long position;

  long tenantPosition() {
    return tenantPosition;
  }

  String hashHex() {
    return hex(hash);
  }

  void moveTo(long newTenantPosition, long newPosition, byte[] newHash) {
    tenantPosition = newTenantPosition;
    position = newPosition;
    System.arraycopy(newHash, 0, hash, 0, hash.length);
  }

  void moveTo(ChainEnd end) {
    moveTo(end.tenantPosition, end.position, end.hash);
  }

  boolean isFollowedBy(long nextTenantPosition, long nextPosition) {
    return nextTenantPosition == tenantPosition + 1 && nextPosition > position;
  }

  /** Says why the place is not the one after this. */
  Finding notFollowedBy(Place next) {
    long expected = tenantPosition + 1;
    if (next.tenantPosition() > expected) {
      return new Finding(
          Kind.MISSING_ENTRY,
          expected,
          null,
          null,
          "entry %d is missing: after %d comes %d"
              .formatted(expected, tenantPosition, next.tenantPosition()),
          "an entry at tenant position " + expected,
          "an entry at tenant position " + next.tenantPosition());
    }
    if (next.tenantPosition() == tenantPosition) {
      return finding(
          Kind.DUPLICATE_POSITION,
          next,
          "there are two entries %d, at positions %d and %d"
              .formatted(tenantPosition, position, next.position()),
          "one entry at tenant position " + tenantPosition,
          "another at position " + next.position());
    }
    return finding(
        Kind.MISPLACED_ENTRY,
        next,
        "entry %d stands at position %d, which is not after the entry before it"
            .formatted(next.tenantPosition(), next.position()),
        "tenant position %d after position %d".formatted(expected, position),
        "tenant position %d at position %d".formatted(next.tenantPosition(), next.position()));
  }

  boolean isLinkedBy(byte[] nextPrevHash) {
    return Arrays.equals(hash, nextPrevHash);
  }

  Finding notLinkedBy(Place next) {
    return finding(
        Kind.BROKEN_LINK,
        next,
        "entry %d does not follow entry %d: it names another hash before it"
            .formatted(next.tenantPosition(), tenantPosition),
        hex(hash),
        next.prevHash().hex());
  }

  private static Finding finding(
      Kind kind, Place place, String message, String expected, String found) {
    return new Finding(
        kind, place.tenantPosition(), place.position(), place.eventId(), message, expected, found);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

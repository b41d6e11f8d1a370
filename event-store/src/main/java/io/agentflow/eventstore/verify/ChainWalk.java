package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.verify.Finding.Kind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Goes along one tenant's chain and stops at the first thing that is wrong. */
final class ChainWalk {

  private final String tenantId;
  private long entries;
  private long lastTenantPosition;
  private long lastPosition;
  private Hash lastHash = Hash.GENESIS;
  private @Nullable Finding finding;

  ChainWalk(String tenantId) {
    this.tenantId = tenantId;
  }

  long entries() {
    return entries;
  }

  @Nullable Finding finding() {
    return finding;
  }

  void step(StoredEntry entry) {
    entries++;
    long expectedPosition = lastTenantPosition + 1;
    if (entry.tenantPosition() > expectedPosition) {
      finding =
          new Finding(
              Kind.MISSING_ENTRY,
              expectedPosition,
              null,
              null,
              "entry %d is missing: after %d comes %d"
                  .formatted(expectedPosition, lastTenantPosition, entry.tenantPosition()),
              "an entry at tenant position " + expectedPosition,
              "an entry at tenant position " + entry.tenantPosition());
      return;
    }
    if (entry.tenantPosition() < expectedPosition || entry.position() <= lastPosition) {
      finding =
          found(
              Kind.MISPLACED_ENTRY,
              entry,
              "entry %d stands at position %d, which is not after the entry before it"
                  .formatted(entry.tenantPosition(), entry.position()),
              "tenant position %d after position %d".formatted(expectedPosition, lastPosition),
              "tenant position %d at position %d"
                  .formatted(entry.tenantPosition(), entry.position()));
      return;
    }
    Hash derived = entry.derivedHash(tenantId);
    if (!derived.equals(entry.hash())) {
      finding =
          found(
              Kind.ALTERED_ENTRY,
              entry,
              "entry %d was altered: its bytes do not have the hash stored with it"
                  .formatted(entry.tenantPosition()),
              entry.hash().hex(),
              derived.hex());
      return;
    }
    if (!entry.prevHash().equals(lastHash)) {
      finding =
          found(
              Kind.BROKEN_LINK,
              entry,
              "entry %d does not follow entry %d: it names another hash before it"
                  .formatted(entry.tenantPosition(), lastTenantPosition),
              lastHash.hex(),
              entry.prevHash().hex());
      return;
    }
    lastTenantPosition = entry.tenantPosition();
    lastPosition = entry.position();
    lastHash = entry.hash();
  }

  /** Compares where the chain ends with where its writer noted that it ends. */
  @Nullable Finding compareWith(Optional<RecordedHead> head) {
    long recorded = head.map(RecordedHead::tenantPosition).orElse(0L);
    if (recorded > lastTenantPosition) {
      return new Finding(
          Kind.MISSING_TAIL,
          lastTenantPosition + 1,
          null,
          null,
          "the chain ends at entry %d, but %d were appended"
              .formatted(lastTenantPosition, recorded),
          "an entry at tenant position " + (lastTenantPosition + 1),
          "the end of the log");
    }
    Hash recordedHash = head.map(RecordedHead::hash).orElse(Hash.GENESIS);
    if (recorded < lastTenantPosition || !recordedHash.equals(lastHash)) {
      return new Finding(
          Kind.HEAD_DIFFERS,
          lastTenantPosition,
          null,
          null,
          "the chain ends otherwise than its writer recorded",
          "entry %d with hash %s".formatted(recorded, recordedHash.hex()),
          "entry %d with hash %s".formatted(lastTenantPosition, lastHash.hex()));
    }
    return null;
  }

  private static Finding found(
      Kind kind, StoredEntry entry, String message, String expected, String found) {
    return new Finding(
        kind, entry.tenantPosition(), entry.position(), entry.eventId(), message, expected, found);
  }
}

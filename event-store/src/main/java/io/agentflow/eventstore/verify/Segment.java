package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.verify.Entry.Place;
import org.jspecify.annotations.Nullable;

/**
 * The stretch of one tenant's chain that lies in one range. It is followed to the first thing that
 * is wrong; what its first entry has to follow lies in another range and is compared later.
 */
final class Segment {

  private final String tenantId;
  private final byte[] tenant;
  private final Place opening;
  private final long openingLine;
  private final ChainEnd end = new ChainEnd();
  private long entries;
  private long nanos;
  private @Nullable Finding finding;
  private long findingLine;

  Segment(Entry first, long line) {
    tenantId = first.tenantId();
    tenant = first.tenant();
    opening = first.place();
    openingLine = line;
    settle(first, first.alteration(), line);
  }

  /** Takes the tenant's next entry; behind a finding it is passed over. */
  void step(Entry entry, long line) {
    if (finding != null) {
      return;
    }
    if (!end.isFollowedBy(entry.tenantPosition, entry.position)) {
      settle(entry, end.notFollowedBy(entry.place()), line);
      return;
    }
    Finding alteration = entry.alteration();
    if (alteration == null && !end.isLinkedBy(entry.prevHash)) {
      alteration = end.notLinkedBy(entry.place());
    }
    settle(entry, alteration, line);
  }

  private void settle(Entry entry, @Nullable Finding found, long line) {
    entries++;
    if (found == null) {
      end.moveTo(entry.tenantPosition, entry.position, entry.hash);
    } else {
      finding = found;
      findingLine = line;
    }
  }

  void spend(long moreNanos) {
    nanos += moreNanos;
  }

  byte[] tenant() {
    return tenant;
  }

  String tenantId() {
    return tenantId;
  }

  Place opening() {
    return opening;
  }

  /** From 1 in the range; 0 when the source has no lines. */
  long openingLine() {
    return openingLine;
  }

  ChainEnd end() {
    return end;
  }

  /** How many were checked, the broken one included. */
  long entries() {
    return entries;
  }

  long nanos() {
    return nanos;
  }

  @Nullable Finding finding() {
    return finding;
  }

  long findingLine() {
    return findingLine;
  }

  boolean isOpeningAltered() {
    return finding != null && entries == 1;
  }
}

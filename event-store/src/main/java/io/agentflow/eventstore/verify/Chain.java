package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.verify.Finding.Kind;
import org.jspecify.annotations.Nullable;

/** One tenant's chain, joined from its segments in order, up to the first thing that is wrong. */
final class Chain {

  private final String tenantId;
  private final ChainEnd end = new ChainEnd();
  private long entries;
  private long nanos;
  private @Nullable Finding finding;

  Chain(String tenantId) {
    this.tenantId = tenantId;
  }

  /**
   * Joins the next segment.
   *
   * @param linesBefore how many lines of the file lie before its range; negative for no file
   */
  void append(Segment next, long linesBefore) {
    nanos += next.nanos();
    if (finding != null) {
      return;
    }
    Finding opening = openingFinding(next);
    if (opening == null) {
      entries += next.entries();
      finding = located(next.finding(), next.findingLine(), linesBefore);
      end.moveTo(next.end());
    } else {
      entries++;
      finding = located(opening, next.openingLine(), linesBefore);
    }
  }

  /** In the order in which one entry after the other would be judged. */
  private @Nullable Finding openingFinding(Segment next) {
    Entry.Place opening = next.opening();
    if (!end.isFollowedBy(opening.tenantPosition(), opening.position())) {
      return end.notFollowedBy(opening);
    }
    if (next.isOpeningAltered()) {
      return next.finding();
    }
    return end.isLinkedBy(opening.prevHash().bytes()) ? null : end.notLinkedBy(opening);
  }

  private static @Nullable Finding located(@Nullable Finding found, long line, long linesBefore) {
    return found == null || linesBefore < 0 ? found : found.atLine(linesBefore + line);
  }

  /** Compares where the chain ends with where its writer noted that it ends; null: nowhere. */
  TenantVerification compareWith(@Nullable RecordedHead head) {
    Finding found = finding == null ? headFinding(head) : finding;
    return new TenantVerification(
        tenantId,
        found == null,
        entries,
        Verification.perSecond(entries, nanos),
        nanos / 1_000_000,
        found == null ? null : found.tenantPosition(),
        found);
  }

  private @Nullable Finding headFinding(@Nullable RecordedHead head) {
    long recorded = head == null ? 0 : head.tenantPosition();
    String recordedHash = head == null ? Hash.GENESIS.hex() : head.hashHex();
    long last = end.tenantPosition();
    if (recorded > last) {
      return new Finding(
          Kind.MISSING_TAIL,
          last + 1,
          null,
          null,
          "the chain ends at entry %d, but %d were appended".formatted(last, recorded),
          "an entry at tenant position " + (last + 1),
          "the end of the log");
    }
    if (recorded < last || !recordedHash.equals(end.hashHex())) {
      return new Finding(
          Kind.HEAD_DIFFERS,
          last,
          null,
          null,
          "the chain ends otherwise than its writer recorded",
          head == null
              ? "no entry at all"
              : "entry %d with hash %s".formatted(recorded, recordedHash),
          "entry %d with hash %s".formatted(last, end.hashHex()));
    }
    return null;
  }
}

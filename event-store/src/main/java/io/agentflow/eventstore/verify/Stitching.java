package io.agentflow.eventstore.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Joins what the ranges found, in the order of the ranges, whatever the order they are done in.
 * Keeps one chain a tenant, and the ranges that have to wait for an earlier one.
 */
final class Stitching {

  /** For a source that is no file. */
  static final long NO_LINES = -1;

  private final Map<String, Chain> chains = new TreeMap<>();
  private final Map<Integer, RangeWalk> waiting = new TreeMap<>();
  private final Positions positions;
  private long linesBefore;
  private int nextRange;

  /**
   * Of no range yet.
   *
   * @param linesBefore how many lines of the file come before the first range
   */
  Stitching(Positions positions, long linesBefore) {
    this.positions = positions;
    this.linesBefore = linesBefore;
  }

  /**
   * Takes a range that was gone through to its end.
   *
   * @throws UnreadableExport when one of a file's lines is no entry; the first is named
   */
  synchronized void add(int range, RangeWalk walk) throws UnreadableExport {
    waiting.put(range, walk);
    for (RangeWalk next = waiting.remove(nextRange);
        next != null;
        next = waiting.remove(++nextRange)) {
      for (Segment segment : next.segments()) {
        chains.computeIfAbsent(segment.tenantId(), Chain::new).append(segment, linesBefore);
      }
      positions.addAll(next.positions());
      if (next.unreadableLine() > 0) {
        throw new UnreadableExport(
            "line %d is no entry of an export".formatted(linesBefore + next.unreadableLine()));
      }
      if (linesBefore >= 0) {
        linesBefore += next.positions().count();
      }
    }
  }

  /** All positions that were seen, once all ranges are in. */
  Positions positions() {
    return positions;
  }

  /** Compares all chains with the recorded heads; one without entries may have a head too. */
  List<TenantVerification> compareWith(Map<String, RecordedHead> heads) {
    heads.keySet().forEach(tenantId -> chains.computeIfAbsent(tenantId, Chain::new));
    List<TenantVerification> verified = new ArrayList<>(chains.size());
    chains.forEach(
        (tenantId, chain) -> {
          @Nullable RecordedHead head = heads.get(tenantId);
          verified.add(chain.compareWith(head));
        });
    return verified;
  }
}

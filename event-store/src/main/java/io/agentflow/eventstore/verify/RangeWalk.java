package io.agentflow.eventstore.verify;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Goes through one range and follows each tenant's chain in it. One thread's. */
final class RangeWalk {

  private final Map<String, Segment> segments = new LinkedHashMap<>();
  private final Positions positions;
  private @Nullable Segment segment;
  private long sinceNanos = System.nanoTime();

  private long unreadableLine;

  RangeWalk(Positions positions) {
    this.positions = positions;
  }

  /**
   * Takes the range's next entry.
   *
   * @param line which line of the range it is, from 1; 0 when the source has no lines
   */
  void step(Entry entry, long line) {
    positions.add(entry.position);
    Segment current = segment;
    if (current != null && entry.isOf(current.tenant())) {
      current.step(entry, line);
      return;
    }
    end();
    current = segments.get(entry.tenantId());
    if (current == null) {
      current = new Segment(entry, line);
      segments.put(current.tenantId(), current);
    } else {
      current.step(entry, line);
    }
    segment = current;
  }

  /** Ends at a line of a file that is no entry, from 1 in the range. */
  void endUnreadable(long line) {
    end();
    unreadableLine = line;
  }

  /** 0 when all could be read. */
  long unreadableLine() {
    return unreadableLine;
  }

  /** No more entries come for now. */
  void end() {
    long nowNanos = System.nanoTime();
    if (segment != null) {
      segment.spend(nowNanos - sinceNanos);
    }
    segment = null;
    sinceNanos = nowNanos;
  }

  Collection<Segment> segments() {
    return segments.values();
  }

  Positions positions() {
    return positions;
  }
}

package io.agentflow.application.stream;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One reader's way through the log, page by page: from what all readers share where it is near the
 * end, from the log's own indexes where it is behind. Not for several threads.
 */
final class LogPages {

  /** What is held for a reader at most. */
  static final int PAGE_ENTRIES = 100;

  private static final long UNKNOWN = -1;

  private final TenantLog log;
  private final LiveEntries live;
  private final EventFilter filter;

  /** Where the tenant's chain is read on while the reader is behind. */
  private long tenantPosition = UNKNOWN;

  LogPages(TenantLog log, LiveEntries live, EventFilter filter) {
    this.log = log;
    this.live = live;
    this.filter = filter;
  }

  /**
   * Entries that pass the filter.
   *
   * @param through up to here the log is looked through
   */
  record Page(List<LogEntry> entries, long through) {}

  /** What follows a position; waits for it so long, then there may be nothing. */
  Page after(long position, Duration patience) throws InterruptedException {
    Optional<List<LogEntry>> near = live.after(position, PAGE_ENTRIES, patience);
    if (near.isEmpty()) {
      return fromLog(position);
    }
    tenantPosition = UNKNOWN;
    return page(near.get(), position + near.get().size());
  }

  private Page fromLog(long position) {
    long end = Math.max(position, live.last());
    List<LogEntry> entries = filter.aggregateId() == null ? ofTenant(position) : of(position);
    if (entries.isEmpty()) {
      return page(entries, end);
    }
    long last = entries.getLast().position();
    return page(entries, entries.size() < PAGE_ENTRIES ? Math.max(end, last) : last);
  }

  private List<LogEntry> of(long position) {
    return log.ofAggregateBehind(
        filter.tenantId(), String.valueOf(filter.aggregateId()), position, PAGE_ENTRIES);
  }

  private List<LogEntry> ofTenant(long position) {
    if (tenantPosition == UNKNOWN) {
      tenantPosition = log.tenantPositionAt(filter.tenantId(), position);
    }
    List<LogEntry> entries = log.ofTenant(filter.tenantId(), tenantPosition, PAGE_ENTRIES);
    if (!entries.isEmpty()) {
      tenantPosition = entries.getLast().tenantPosition();
    }
    return entries;
  }

  private Page page(List<LogEntry> entries, long through) {
    return new Page(entries.stream().filter(filter::passes).toList(), through);
  }
}

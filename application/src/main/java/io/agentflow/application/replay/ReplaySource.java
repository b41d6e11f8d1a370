package io.agentflow.application.replay;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is told again: what a tenant did between two positions of the log, or what one of its
 * workflows did, in their order. Each entry has a number that has no gaps: the sequence number of
 * the workflow, else the tenant's own position.
 */
final class ReplaySource {

  private final TenantLog log;
  private final String tenantId;
  private final @Nullable String workflowId;
  private final long begin;
  private final long end;

  /**
   * What there is.
   *
   * @param workflowId null for all that the tenant did
   * @param afterPosition what stands behind it
   * @param throughPosition up to what stands there
   */
  ReplaySource(
      TenantLog log,
      String tenantId,
      @Nullable String workflowId,
      long afterPosition,
      long throughPosition) {
    this.log = log;
    this.tenantId = tenantId;
    this.workflowId = workflowId;
    this.begin = numberAt(afterPosition);
    this.end = Math.max(begin, numberAt(throughPosition));
  }

  /** The number of the last entry that stands at a position of the log or before it. */
  private long numberAt(long position) {
    return workflowId == null
        ? log.tenantPositionAt(tenantId, position)
        : log.lastOfAggregate(tenantId, workflowId, position)
            .map(LogEntry::sequenceNumber)
            .orElse(-1L);
  }

  /** From where on what is told is behind a position of the log, too. */
  long behind(long position) {
    return Math.clamp(numberAt(position), begin, end);
  }

  long begin() {
    return begin;
  }

  /** The number of the last entry. */
  long end() {
    return end;
  }

  long number(LogEntry entry) {
    return workflowId == null ? entry.tenantPosition() : entry.sequenceNumber();
  }

  /** The entries behind a number, in order, at most so many. */
  List<LogEntry> after(long number, int limit) {
    int count = Math.toIntExact(Math.min(limit, end - number));
    if (count <= 0) {
      return List.of();
    }
    return workflowId == null
        ? log.ofTenantThrough(tenantId, number, number + count)
        : log.ofAggregate(tenantId, workflowId, number, count);
  }

  /** The last entry; null where there is none. */
  @Nullable LogEntry last() {
    return end == begin ? null : after(end - 1, 1).stream().findFirst().orElse(null);
  }
}

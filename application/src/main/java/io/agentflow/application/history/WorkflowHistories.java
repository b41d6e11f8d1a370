package io.agentflow.application.history;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentflow.application.StoredEvents;
import io.agentflow.application.history.HistoryWalk.Point;
import io.agentflow.application.workflow.WorkflowAggregate;
import io.agentflow.domain.Moment;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The histories of workflows in the log. Where a page ended its state is kept for a while, so that
 * the next page is folded from there, and a history is paged in the time that its entries take.
 */
@Component
class WorkflowHistories {

  private static final int KEPT_MAX = 100;
  private static final Duration KEPT_FOR = Duration.ofMinutes(5);

  /** Entries have times in microseconds. */
  private static final long NANOS_BELOW_A_MICRO = 999;

  private final TenantLog log;
  private final StoredEvents events;
  private final Cache<PageEnd, Workflow> kept =
      Caffeine.newBuilder().maximumSize(KEPT_MAX).expireAfterAccess(KEPT_FOR).build();

  private final FoldedStates folded = new FoldedStates(FoldedStates.EVERY_ENTRIES);

  private record PageEnd(Of of, long sequence) {}

  /** Which workflow's history. */
  record Of(String tenantId, String workflowId) {}

  /**
   * Which entries of a history.
   *
   * @param after only behind this sequence number
   * @param last up to this one
   * @param types spoken names; null for all
   */
  record Selection(long after, long last, @Nullable Set<String> types) {

    private boolean has(LogEntry entry) {
      return entry.sequenceNumber() > after && (types == null || types.contains(entry.eventType()));
    }
  }

  /** Items, and whether more follow. */
  record Page(List<HistoryItem> items, boolean goesOn) {}

  WorkflowHistories(TenantLog log, StoredEvents events) {
    this.log = log;
    this.events = events;
  }

  /** The workflow's last entry; empty where the tenant has no such workflow. */
  Optional<LogEntry> last(Of of) {
    return isWorkflow(log.lastOfAggregate(of.tenantId(), of.workflowId(), Long.MAX_VALUE));
  }

  /** The last entry that stands at this moment or before it. */
  Optional<LogEntry> lastAt(Of of, Moment moment) {
    return isWorkflow(
        switch (moment) {
          case Moment.AtPosition(long position) ->
              log.lastOfAggregate(of.tenantId(), of.workflowId(), position);
          case Moment.AtTime(var time) ->
              log.lastOfAggregate(
                  of.tenantId(), of.workflowId(), time.truncatedTo(ChronoUnit.MICROS));
        });
  }

  /** The first entry that stands at this moment or behind it. */
  Optional<LogEntry> firstAt(Of of, Moment moment) {
    return isWorkflow(
        switch (moment) {
          case Moment.AtPosition(long position) ->
              log.firstOfAggregate(of.tenantId(), of.workflowId(), position);
          case Moment.AtTime(var time) ->
              log.firstOfAggregate(
                  of.tenantId(),
                  of.workflowId(),
                  time.plusNanos(NANOS_BELOW_A_MICRO).truncatedTo(ChronoUnit.MICROS));
        });
  }

  private static Optional<LogEntry> isWorkflow(Optional<LogEntry> entry) {
    return entry.filter(found -> found.aggregateType().equals(WorkflowAggregate.TYPE));
  }

  /** A page of what is selected, each with what it led to. */
  Page page(Of of, Selection selection, int limit) {
    if (selection.after() >= selection.last()) {
      return new Page(List.of(), false);
    }
    Workflow before = kept.getIfPresent(new PageEnd(of, selection.after()));
    HistoryWalk walk =
        before == null
            ? HistoryWalk.fromTheBeginning(entries(of), events)
            : new HistoryWalk(entries(of), events, selection.after(), before);
    List<HistoryItem> items = new ArrayList<>();
    Point end = null;
    for (Point point = walk.next();
        point != null && point.entry().sequenceNumber() <= selection.last();
        point = walk.next()) {
      if (!selection.has(point.entry())) {
        continue;
      }
      if (items.size() == limit) {
        keep(of, end);
        return new Page(items, true);
      }
      items.add(HistoryItem.of(point));
      end = point;
    }
    keep(of, end);
    return new Page(items, false);
  }

  private void keep(Of of, @Nullable Point end) {
    if (end != null) {
      kept.put(new PageEnd(of, end.entry().sequenceNumber()), end.state());
    }
  }

  /** What was so with an entry of this number. */
  Workflow stateAt(Of of, long sequence) {
    return folded.at(
        of, sequence, (from, state) -> new HistoryWalk(entries(of), events, from, state));
  }

  /** The entries as they are stored. */
  HistoryWalk.Entries entries(Of of) {
    return (sequence, limit) -> log.ofAggregate(of.tenantId(), of.workflowId(), sequence, limit);
  }
}

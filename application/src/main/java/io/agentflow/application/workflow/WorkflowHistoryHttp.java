package io.agentflow.application.workflow;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.stream.LogItem;
import io.agentflow.domain.Cursor;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import java.util.List;
import java.util.Optional;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What a workflow did, entry by entry, and what was so at any point of it: from the log alone. */
@RestController
@RequestMapping("/v1/workflows/{workflowId}")
class WorkflowHistoryHttp {

  private static final String LIST = "workflows/history";
  private static final int LIMIT_MAX = 1_000;
  private static final String LIMIT_DEFAULT = "500";
  private static final String BEFORE_THE_FIRST = "-1";

  private final TenantLog log;
  private final EventStore eventStore;

  WorkflowHistoryHttp(TenantLog log, EventStore eventStore) {
    this.log = log;
    this.eventStore = eventStore;
  }

  /**
   * A page of a history.
   *
   * @param nextCursor what to send as `cursor` for the following page; null on the last one
   */
  record History(String workflowId, List<LogItem> items, @Nullable String nextCursor) {}

  /**
   * The state that a workflow was in.
   *
   * @param position where its last entry stood then
   * @param hash that entry's link in the chain
   */
  record StateAt(
      String workflowId, long position, long version, String hash, WorkflowState state) {}

  /**
   * Lists what a workflow did, entry by entry, oldest first, out of the log itself.
   *
   * @param afterSequence only entries behind this one of the workflow, counted from 0; whoever
   *     follows a workflow sends the last that it has
   */
  @GetMapping("/history")
  History getHistory(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestParam(defaultValue = LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(defaultValue = BEFORE_THE_FIRST) long afterSequence) {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new InvalidField("limit", "must be 1 to %d, not %d".formatted(LIMIT_MAX, limit));
    }
    long after = Math.max(afterSequence, Cursor.key(LIST, cursor, afterSequence));
    List<LogItem> rows =
        log.ofAggregate(caller.tenantId(), workflowId, after, limit + 1).stream()
            .filter(WorkflowHistoryHttp::isOfWorkflow)
            .map(LogItem::of)
            .toList();
    if (rows.isEmpty() && lastEntry(caller, workflowId, Long.MAX_VALUE).isEmpty()) {
      throw new NotInTenant("workflow", workflowId);
    }
    return rows.size() <= limit
        ? new History(workflowId, rows, null)
        : new History(
            workflowId,
            rows.subList(0, limit),
            new Cursor(LIST, rows.get(limit - 1).sequence()).text());
  }

  /** Shows the state that a workflow is in, or was in at a position of the log. */
  @GetMapping("/state")
  StateAt getState(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestParam(required = false) @Nullable Long at) {
    LogEntry last =
        lastEntry(caller, workflowId, at == null ? Long.MAX_VALUE : at)
            .orElseThrow(
                () ->
                    new NotInTenant(
                        "workflow", at == null ? workflowId : workflowId + " at position " + at));
    Workflow state =
        eventStore
            .readEvents(workflowId, 0)
            .asStream()
            .takeWhile(event -> event.getSequenceNumber() <= last.sequenceNumber())
            .map(WorkflowHistoryHttp::payload)
            .reduce(Workflow.initial(), Workflow::evolve, WorkflowHistoryHttp::neverParallel);
    return new StateAt(
        workflowId,
        last.position(),
        last.sequenceNumber(),
        last.hash().hex(),
        WorkflowState.of(state));
  }

  private Optional<LogEntry> lastEntry(Caller caller, String workflowId, long atPosition) {
    return log.lastOfAggregate(caller.tenantId(), workflowId, atPosition)
        .filter(WorkflowHistoryHttp::isOfWorkflow);
  }

  private static boolean isOfWorkflow(LogEntry entry) {
    return entry.aggregateType().equals(WorkflowAggregate.TYPE);
  }

  private static WorkflowEvent payload(DomainEventMessage<?> event) {
    return (WorkflowEvent) event.getPayload();
  }

  private static Workflow neverParallel(Workflow first, Workflow second) {
    throw new IllegalStateException("a history is folded in order");
  }
}

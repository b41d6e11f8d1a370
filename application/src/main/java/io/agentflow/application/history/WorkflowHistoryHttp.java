package io.agentflow.application.history;

import io.agentflow.application.history.StateDiff.Difference;
import io.agentflow.application.history.WorkflowHistories.Of;
import io.agentflow.application.history.WorkflowHistories.Page;
import io.agentflow.application.history.WorkflowHistories.Selection;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.JsonLines;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.stream.TypePatterns;
import io.agentflow.domain.Cursor;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Moment;
import io.agentflow.eventstore.LogEntry;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** What a workflow did, entry by entry, and what was so at any point of it: from the log alone. */
@RestController
@RequestMapping("/v1/workflows/{workflowId}")
class WorkflowHistoryHttp {

  private static final String LIST = "workflows/history";
  private static final int LIMIT_MAX = 1_000;
  private static final String LIMIT_DEFAULT = "500";
  private static final String BEFORE_THE_FIRST = "-1";

  private final WorkflowHistories histories;

  private final JsonMapper json;

  WorkflowHistoryHttp(WorkflowHistories histories, JsonMapper json) {
    this.histories = histories;
    this.json = json;
  }

  /**
   * A page of a history.
   *
   * @param nextCursor what to send as `cursor` for the following page; null on the last one
   */
  record History(String workflowId, List<HistoryItem> items, @Nullable String nextCursor) {}

  /**
   * The state that a workflow was in.
   *
   * @param position where its last entry stood then
   * @param hash that entry's link in the chain
   */
  record StateAt(String workflowId, long position, long version, String hash, WorkflowState state) {

    static StateAt of(LogEntry last, WorkflowState state) {
      return new StateAt(
          last.aggregateId(), last.position(), last.sequenceNumber(), last.hash().hex(), state);
    }
  }

  /**
   * In what two states differ.
   *
   * @param differences in the order of their paths; none where the states are equal
   */
  record Diff(Side before, Side after, List<Difference> differences) {}

  /**
   * Which state was compared.
   *
   * @param position where its last entry stood
   * @param hash that entry's link in the chain
   */
  record Side(String workflowId, long position, long version, String hash) {

    private static Side of(LogEntry last) {
      return new Side(
          last.aggregateId(), last.position(), last.sequenceNumber(), last.hash().hex());
    }
  }

  /**
   * Lists what a workflow did, entry by entry, oldest first, out of the log itself: each with who
   * did it and why, and what it led to.
   *
   * @param afterSequence only entries behind this one of the workflow, counted from 0; whoever
   *     follows a workflow sends the last that it has
   * @param types only these types, with commas between; {@code workflow.step-*} means all that
   *     begin so. What an entry led to is folded from all of them all the same
   * @param from only from this position of the log on, or from the first entry of this time or
   *     later
   * @param to only up to this position of the log, or up to the last entry of this time or before
   */
  @GetMapping("/history")
  History getHistory(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestParam(defaultValue = LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(defaultValue = BEFORE_THE_FIRST) long afterSequence,
      @RequestParam(required = false) @Nullable String types,
      @RequestParam(required = false) @Nullable String from,
      @RequestParam(required = false) @Nullable String to) {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new InvalidField("limit", "must be 1 to %d, not %d".formatted(LIMIT_MAX, limit));
    }
    long after = Math.max(afterSequence, Cursor.key(LIST, cursor, afterSequence));
    Moment first = Moment.read("from", from);
    Moment last = Moment.read("to", to);
    Of of = new Of(caller.tenantId(), workflowId);
    LogEntry end = histories.last(of).orElseThrow(() -> new NotInTenant("workflow", workflowId));
    Selection selection =
        new Selection(
            Math.max(after, first == null ? after : sequenceBefore(of, first, end)),
            last == null ? end.sequenceNumber() : sequenceAt(of, last),
            types == null ? null : TypePatterns.read(types));
    Page page = histories.page(of, selection, limit);
    return new History(
        workflowId,
        page.items(),
        page.goesOn() ? new Cursor(LIST, page.items().getLast().entry().sequence()).text() : null);
  }

  private long sequenceBefore(Of of, Moment first, LogEntry end) {
    return histories
            .firstAt(of, first)
            .map(LogEntry::sequenceNumber)
            .orElse(end.sequenceNumber() + 1)
        - 1;
  }

  private long sequenceAt(Of of, Moment last) {
    return histories.lastAt(of, last).map(LogEntry::sequenceNumber).orElse(-1L);
  }

  /**
   * Shows the state that a workflow is in, or was in at some point.
   *
   * @param at a position of the log, or a time: with the last entry that stands there or before, or
   *     that occurred then or before; without it, now
   */
  @GetMapping("/state")
  StateAt getState(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestParam(required = false) @Nullable String at) {
    Of of = new Of(caller.tenantId(), workflowId);
    LogEntry last = lastAt(of, Moment.read("at", at));
    return StateAt.of(last, WorkflowState.of(histories.stateAt(of, last.sequenceNumber())));
  }

  /**
   * Compares two states of a workflow, or of two workflows: what differs, path by path.
   *
   * @param from a position of the log, or a time, of the state before; without it the workflow's
   *     first entry, or its last where it is compared with another
   * @param to the same of the state after; without it the last entry
   * @param with the workflow whose state is the one after; without it, the same
   */
  @GetMapping("/diff")
  Diff compareStates(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @RequestParam(required = false) @Nullable String from,
      @RequestParam(required = false) @Nullable String to,
      @RequestParam(required = false) @Nullable String with) {
    Moment first = Moment.read("from", from);
    Moment last = Moment.read("to", to);
    Of of = new Of(caller.tenantId(), workflowId);
    Of other = new Of(caller.tenantId(), with == null ? workflowId : with);
    LogEntry before =
        first == null && with == null
            ? histories
                .firstAt(of, new Moment.AtPosition(0))
                .orElseThrow(() -> new NotInTenant("workflow", workflowId))
            : lastAt(of, first);
    LogEntry after = lastAt(other, last);
    WorkflowState was = WorkflowState.of(histories.stateAt(of, before.sequenceNumber()));
    WorkflowState is = WorkflowState.of(histories.stateAt(other, after.sequenceNumber()));
    return new Diff(Side.of(before), Side.of(after), StateDiff.between(was, is));
  }

  /**
   * Exports a workflow's history as lines that anyone can check and fold again. Their form is
   * described in {@code docs/histories.md}.
   */
  @GetMapping(path = "/export", produces = JsonLines.MEDIA_TYPE)
  void exportHistory(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      HttpServletResponse response) {
    Of of = new Of(caller.tenantId(), workflowId);
    LogEntry last = lastAt(of, null);
    JsonLines.answer(
        response,
        json,
        lines -> HistoryExport.write(histories.entries(of), last, response.getOutputStream()));
  }

  private LogEntry lastAt(Of of, @Nullable Moment moment) {
    return (moment == null ? histories.last(of) : histories.lastAt(of, moment))
        .orElseThrow(
            () ->
                new NotInTenant(
                    "workflow",
                    moment == null ? of.workflowId() : of.workflowId() + " " + moment.words()));
  }
}

package io.agentflow.projections.tool;

import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.ToolCalled;
import io.agentflow.domain.workflow.WorkflowEvent.ToolReturned;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.Row;
import io.agentflow.projections.Rows;
import io.agentflow.projections.TableKey;
import io.agentflow.projections.Tables;
import io.agentflow.projections.TenantReads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code views.tool_calls}: one row a call of a tool that was recorded, or an attempt at a step
 * that names one; summed up for {@code GET /v1/tools}.
 */
@RestController
public class ToolCallTable {

  public static final Projection<WorkflowEvent> PROJECTION =
      new Projection<>(
          "tools",
          WorkflowEvent.class,
          List.of(
              ToolCalled.class,
              ToolReturned.class,
              StepReady.class,
              StepUnfunded.class,
              StepAssigned.class,
              StepCompleted.class,
              StepCompensated.class,
              StepFailed.class,
              StepCancelled.class),
          ToolCallTable::fold,
          List.of(new TableKey("tool_calls", "workflow_id", "call_id")));

  private final TenantReads reads;

  public ToolCallTable(TenantReads reads) {
    this.reads = reads;
  }

  private static void fold(WorkflowEvent event, Recorded recorded, Tables tables) {
    Rows calls = tables.rows("tool_calls");
    String workflowId = event.workflowId();
    if (event instanceof ToolCalled called) {
      calls.add(recorded, row -> fill(row, called, recorded), workflowId, called.callId());
    } else if (event instanceof ToolReturned returned) {
      calls.change(
          recorded,
          row -> end(row, "returned", returned.tokens(), returned.microDollars(), recorded),
          workflowId,
          returned.callId());
    } else if (event instanceof StepReady ready && ready.tool() != null) {
      calls.add(
          recorded, row -> fill(row, ready), workflowId, callId(ready.stepId(), ready.attempt()));
    } else {
      attempt(event, recorded, calls);
    }
  }

  /** One at a step that names no tool has no row, hence nothing is changed. */
  private static void attempt(WorkflowEvent event, Recorded recorded, Rows calls) {
    switch (event) {
      case StepAssigned assigned ->
          calls.change(
              recorded,
              row ->
                  row.set("status", "called")
                      .set("agent_id", assigned.agentId())
                      .initially("called_at", recorded.at().toInstant().toString()),
              assigned.workflowId(),
              callId(assigned.stepId(), assigned.attempt()));
      case StepCompleted done ->
          calls.change(
              recorded,
              row -> end(row, "completed", done.tokens(), done.microDollars(), recorded),
              done.workflowId(),
              callId(done.stepId(), done.attempt()));
      case StepCompensated undone ->
          calls.change(
              recorded,
              row -> end(row, "undone", undone.tokens(), undone.microDollars(), recorded),
              undone.workflowId(),
              callId(undone.stepId(), undone.attempt()));
      case StepFailed failed ->
          calls.change(
              recorded,
              row -> end(row, "failed", failed.tokens(), failed.microDollars(), recorded),
              failed.workflowId(),
              callId(failed.stepId(), failed.attempt()));
      case StepCancelled cancelled ->
          calls.change(
              recorded,
              row -> end(row, "cancelled", 0, 0, recorded),
              cancelled.workflowId(),
              callId(cancelled.stepId(), cancelled.attempt()));
      case StepUnfunded unfunded ->
          calls.change(
              recorded,
              row -> end(row, "cancelled", 0, 0, recorded),
              unfunded.workflowId(),
              callId(unfunded.stepId(), unfunded.attempt()));
      default -> {}
    }
  }

  /** A stroke is in no id that a client gives a call. */
  private static String callId(String stepId, int attempt) {
    return stepId + "/" + attempt;
  }

  private static void fill(Row row, ToolCalled called, Recorded recorded) {
    row.set("tool", called.tool())
        .set("status", "called")
        .set("agent_id", called.agentId())
        .set("called_at", recorded.at().toInstant())
        .set("tokens", called.tokens())
        .set("micro_dollars", called.microDollars());
  }

  private static void fill(Row row, StepReady ready) {
    row.set("step_id", ready.stepId())
        .set("attempt", ready.attempt())
        .set("tool", ready.tool())
        .set("status", "waiting")
        .initially("tokens", 0)
        .initially("micro_dollars", 0);
  }

  private static void end(
      Row row, String status, long tokens, long microDollars, Recorded recorded) {
    row.set("status", status)
        .set("ended_at", recorded.at().toInstant())
        .add("tokens", tokens)
        .add("micro_dollars", microDollars);
  }

  /** Lists the tools that were called and what that came to, those called last first. */
  @GetMapping("/v1/tools")
  public Page<ToolRow> listTools(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    PageRequest page = PageRequest.of(PROJECTION.name(), limit, cursor);
    reads.freshness().await(PROJECTION.name(), consistentWith);
    return Page.of(
        reads
            .db()
            .sql(
                """
                select tool, count(*) as calls,
                  count(*) filter (where ended_at is null) as open,
                  count(*) filter (where status = 'failed') as failures,
                  cast(avg(extract(epoch from ended_at - called_at)) * 1000 as bigint) as average_millis,
                  sum(tokens) as tokens, sum(micro_dollars) as micro_dollars,
                  max(called_at) as last_called_at, max(created_position) as last_position
                from views.tool_calls
                where tenant_id = :tenantId and called_at is not null
                group by tool having max(created_position) < :before
                order by last_position desc limit :fetch
                """)
            .param("tenantId", tenantId)
            .param("before", page.before())
            .param("fetch", page.fetch())
            .query(ToolCallTable::row)
            .list(),
        page,
        ToolRow::lastPosition);
  }

  private static ToolRow row(ResultSet row, int number) throws SQLException {
    return new ToolRow(
        row.getString("tool"),
        row.getLong("calls"),
        row.getLong("open"),
        row.getLong("failures"),
        row.getObject("average_millis", Long.class),
        row.getLong("tokens"),
        row.getLong("micro_dollars"),
        row.getObject("last_called_at", OffsetDateTime.class).toInstant(),
        row.getLong("last_position"));
  }
}

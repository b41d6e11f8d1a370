package io.agentflow.projections.workflow;

import io.agentflow.domain.workflow.ApprovalEvent;
import io.agentflow.domain.workflow.RunEvent;
import io.agentflow.domain.workflow.RunEvent.CompensationStarted;
import io.agentflow.domain.workflow.RunEvent.DeadlineSet;
import io.agentflow.domain.workflow.RunEvent.PlanApproved;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
import io.agentflow.domain.workflow.RunEvent.RestartedFrom;
import io.agentflow.domain.workflow.RunEvent.SignalReceived;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepProgressed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepResult;
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.RunEvent.StepSkipped;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.domain.workflow.WorkflowEvent.ToolCalled;
import io.agentflow.domain.workflow.WorkflowEvent.ToolReturned;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.JsonColumn;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.TenantRows;
import io.agentflow.projections.TimeColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.ResetHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code views.workflows}: one row a workflow, answering {@code GET /v1/workflows}. */
@RestController
@RequestMapping("/v1/workflows")
@ProcessingGroup(WorkflowTable.PROCESSING_GROUP)
public class WorkflowTable {

  public static final String PROCESSING_GROUP = "workflows";

  private final JdbcClient db;
  private final TenantRows<WorkflowRow> rows;

  public WorkflowTable(JdbcClient db, Freshness freshness) {
    this.db = db;
    this.rows =
        new TenantRows<>(
            db,
            freshness,
            PROCESSING_GROUP,
            "workflow",
            "views.workflows",
            "workflow_id",
            WorkflowTable::row,
            WorkflowRow::createdPosition);
  }

  @EventHandler
  void on(WorkflowEvent event, EventMessage<?> message) {
    Recorded recorded = Recorded.of(message);
    switch (event) {
      case WorkflowCreated created -> insert(created, recorded);
      case WorkflowStarted started -> update("status = 'running',", started, recorded).update();
      case MessageRecorded said ->
          spend(
              "messages = messages + 1,",
              said,
              said.totalTokens(),
              said.totalMicroDollars(),
              recorded);
      case ToolCalled called ->
          spend(
              "tool_calls = tool_calls + 1,",
              called,
              called.totalTokens(),
              called.totalMicroDollars(),
              recorded);
      case ToolReturned returned ->
          spend("", returned, returned.totalTokens(), returned.totalMicroDollars(), recorded);
      case WorkflowCompleted completed -> end("completed", completed.result(), completed, recorded);
      case WorkflowFailed failed -> end("failed", failed.reason(), failed, recorded);
      case RunEvent of -> onRun(of, recorded);
      case ApprovalEvent of -> update("", of, recorded).update();
    }
  }

  private void onRun(RunEvent event, Recorded recorded) {
    switch (event) {
      case PlanProposed proposed ->
          update(
                  """
                  proposed_plan_version = :planVersion, proposed_autonomy = :autonomy,
                  proposed_steps_total = :steps,
                  """,
                  proposed,
                  recorded)
              .param("planVersion", proposed.planVersion())
              .param("autonomy", proposed.autonomy().word())
              .param("steps", proposed.plan().steps().size())
              .update();
      case PlanApproved approved ->
          update(
                  """
                  plan_version = proposed_plan_version, autonomy = proposed_autonomy,
                  steps_total = proposed_steps_total, proposed_plan_version = null,
                  """,
                  approved,
                  recorded)
              .update();
      case PlanRejected rejected ->
          update("proposed_plan_version = null,", rejected, recorded).update();
      case DeadlineSet set ->
          update("deadline = :dueAt,", set, recorded)
              .param("dueAt", TimeColumn.write(set.dueAt()))
              .update();
      case RestartedFrom restarted ->
          update("steps_done = steps_done + :reused,", restarted, recorded)
              .param(
                  "reused", restarted.reused().stream().map(StepResult::stepId).distinct().count())
              .update();
      case StepCompleted done ->
          spend(
              "steps_done = steps_done + 1,",
              done,
              done.totalTokens(),
              done.totalMicroDollars(),
              recorded);
      case StepCompensated undone ->
          spend(
              "steps_done = steps_done - 1,",
              undone,
              undone.totalTokens(),
              undone.totalMicroDollars(),
              recorded);
      case StepFailed failed ->
          spend("", failed, failed.totalTokens(), failed.totalMicroDollars(), recorded);
      case StepSkipped skipped ->
          update("steps_done = steps_done + 1,", skipped, recorded).update();
      case WorkflowPaused paused ->
          update("status = 'paused', paused_because = :reason,", paused, recorded)
              .param("reason", paused.reason())
              .update();
      case WorkflowResumed resumed ->
          update("status = 'running', paused_because = null,", resumed, recorded).update();
      case CompensationStarted started ->
          update("status = 'compensating', paused_because = null,", started, recorded).update();
      case WorkflowReopened reopened ->
          update("status = 'running', outcome = null, paused_because = null,", reopened, recorded)
              .update();
      case WorkflowCancelled cancelled -> end("cancelled", cancelled.reason(), cancelled, recorded);
      case StepReady _,
          StepAssigned _,
          StepProgressed _,
          StepRetryScheduled _,
          StepCancelled _,
          StepUnfunded _,
          WaitStarted _,
          SignalReceived _ ->
          update("", event, recorded).update();
    }
  }

  private void spend(
      String assignments,
      WorkflowEvent event,
      long totalTokens,
      long totalMicroDollars,
      Recorded recorded) {
    update(
            assignments + " total_tokens = :tokens, total_micro_dollars = :microDollars,",
            event,
            recorded)
        .param("tokens", totalTokens)
        .param("microDollars", totalMicroDollars)
        .update();
  }

  private void end(String status, String outcome, WorkflowEvent event, Recorded recorded) {
    update("status = :status, outcome = :outcome,", event, recorded)
        .param("status", status)
        .param("outcome", outcome)
        .update();
  }

  private void insert(WorkflowCreated created, Recorded recorded) {
    db.sql(
            """
            insert into views.workflows (
              workflow_id, tenant_id, name, intent, status, agent_id, budget_id, labels, messages,
              tool_calls, total_tokens, total_micro_dollars, version, position, created_position,
              created_at, updated_at)
            values (
              :id, :tenantId, :name, :intent, 'created', :agentId, :budgetId, cast(:labels as jsonb),
              0, 0, 0, 0, :version, :position, :position, :at, :at)
            on conflict (workflow_id) do nothing
            """)
        .param("id", created.workflowId())
        .param("tenantId", recorded.tenantId())
        .param("name", created.name())
        .param("intent", created.intent())
        .param("agentId", created.agentId())
        .param("budgetId", created.budgetId())
        .param("labels", JsonColumn.write(created.labels()))
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at())
        .update();
  }

  /** The version guards the row: an event that comes again changes nothing. */
  private StatementSpec update(String assignments, WorkflowEvent event, Recorded recorded) {
    return db.sql(
            """
            update views.workflows
            set %s version = :version, position = :position, updated_at = :at
            where workflow_id = :id and version < :version
            """
                .formatted(assignments))
        .param("id", event.workflowId())
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at());
  }

  @ResetHandler
  void reset() {
    db.sql("truncate views.workflows").update();
  }

  @GetMapping
  Page<WorkflowRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String after,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.page(tenantId, limit, after, consistentWith);
  }

  @GetMapping("/{workflowId}")
  public WorkflowRow get(
      @RequestAttribute String tenantId,
      @PathVariable String workflowId,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.get(tenantId, workflowId, consistentWith);
  }

  private static WorkflowRow row(ResultSet row, int number) throws SQLException {
    return new WorkflowRow(
        row.getString("workflow_id"),
        row.getString("name"),
        row.getString("intent"),
        row.getString("status"),
        row.getString("agent_id"),
        row.getString("budget_id"),
        JsonColumn.readLabels(row.getString("labels")),
        row.getLong("messages"),
        row.getLong("tool_calls"),
        row.getLong("total_tokens"),
        row.getLong("total_micro_dollars"),
        row.getString("autonomy"),
        row.getObject("plan_version", Integer.class),
        row.getObject("proposed_plan_version", Integer.class),
        row.getInt("steps_total"),
        row.getInt("steps_done"),
        row.getString("paused_because"),
        TimeColumn.read(row, "deadline"),
        row.getString("outcome"),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}

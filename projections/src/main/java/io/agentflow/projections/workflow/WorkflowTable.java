package io.agentflow.projections.workflow;

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
      case WorkflowStarted started -> update("status = 'running'", started, recorded).update();
      case MessageRecorded said ->
          update(
                  """
                  messages = messages + 1,
                  total_tokens = :tokens, total_micro_dollars = :microDollars
                  """,
                  said,
                  recorded)
              .param("tokens", said.totalTokens())
              .param("microDollars", said.totalMicroDollars())
              .update();
      case ToolCalled called ->
          update(
                  """
                  tool_calls = tool_calls + 1,
                  total_tokens = :tokens, total_micro_dollars = :microDollars
                  """,
                  called,
                  recorded)
              .param("tokens", called.totalTokens())
              .param("microDollars", called.totalMicroDollars())
              .update();
      case ToolReturned returned ->
          update("total_tokens = :tokens, total_micro_dollars = :microDollars", returned, recorded)
              .param("tokens", returned.totalTokens())
              .param("microDollars", returned.totalMicroDollars())
              .update();
      case WorkflowCompleted completed ->
          update("status = 'completed', outcome = :outcome", completed, recorded)
              .param("outcome", completed.result())
              .update();
      case WorkflowFailed failed ->
          update("status = 'failed', outcome = :outcome", failed, recorded)
              .param("outcome", failed.reason())
              .update();
    }
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
            set %s, version = :version, position = :position, updated_at = :at
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
  WorkflowRow get(
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
        row.getString("outcome"),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}

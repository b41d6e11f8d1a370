package io.agentflow.projections.approval;

import io.agentflow.domain.workflow.Approval.Outcome;
import io.agentflow.domain.workflow.ApprovalEvent;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDelegated;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDenied;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalExpired;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalGranted;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalReminded;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalWithdrawn;
import io.agentflow.projections.Filter;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.JsonColumn;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.TenantReads;
import io.agentflow.projections.TimeColumn;
import io.agentflow.projections.step.StepTable;
import io.agentflow.projections.workflow.WorkflowTable;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code views.approvals}: one row a decision of people, answering {@code GET /v1/approvals} and
 * {@code GET /v1/workflows/{id}/approvals}. The names in a row come from the tables of workflows
 * and steps.
 */
@RestController
@ProcessingGroup(ApprovalTable.PROCESSING_GROUP)
public class ApprovalTable {

  public static final String PROCESSING_GROUP = "approvals";

  private static final List<String> STATUSES =
      Arrays.stream(Outcome.values()).map(it -> it.name().toLowerCase(Locale.ROOT)).toList();

  private static final String SELECT =
      """
      select a.*, w.name as workflow_name, coalesce(s.name, a.step_id, 'plan') as what
      from views.approvals a
      left join views.workflows w on w.workflow_id = a.workflow_id
      left join views.steps s on s.workflow_id = a.workflow_id and s.step_id = a.step_id
      """;

  private final JdbcClient db;
  private final TenantReads reads;
  private final WorkflowTable workflows;

  public ApprovalTable(JdbcClient db, TenantReads reads, WorkflowTable workflows) {
    this.db = db;
    this.reads = reads;
    this.workflows = workflows;
  }

  @EventHandler
  void on(ApprovalEvent event, EventMessage<?> message) {
    Recorded recorded = Recorded.of(message);
    switch (event) {
      case ApprovalRequested requested -> insert(requested, recorded);
      case ApprovalGranted granted ->
          update(
                  "status = :status, granted_by = granted_by || to_jsonb(cast(:by as text)),",
                  granted,
                  recorded)
              .param("status", granted.granted() >= granted.required() ? "granted" : "open")
              .param("by", granted.by())
              .update();
      case ApprovalDenied denied ->
          update("status = 'denied', denied_by = :by, reason = :reason,", denied, recorded)
              .param("by", denied.by())
              .param("reason", denied.reason())
              .update();
      case ApprovalExpired expired -> update("status = 'expired',", expired, recorded).update();
      case ApprovalReminded reminded -> update("reminded_at = :at,", reminded, recorded).update();
      case ApprovalDelegated delegated ->
          update(
                  """
                  delegates = delegates - cast(:to as text)
                    || jsonb_build_object(cast(:by as text), cast(:to as text)),
                  """,
                  delegated,
                  recorded)
              .param("by", delegated.by())
              .param("to", delegated.to())
              .update();
      case ApprovalWithdrawn withdrawn ->
          update("status = 'withdrawn',", withdrawn, recorded).update();
    }
  }

  private void insert(ApprovalRequested requested, Recorded recorded) {
    db.sql(
            """
            insert into views.approvals (
              workflow_id, approval_id, tenant_id, step_id, digest, requested_by, required, people,
              roles, granted_by, delegates, status, expires_at, remind_at, version, position,
              created_position, created_at, updated_at)
            values (
              :id, :approvalId, :tenantId, :stepId, :digest, :requestedBy, :required,
              cast(:people as jsonb), cast(:roles as jsonb), '[]', '{}', 'open', :expiresAt,
              :remindAt, :version, :position, :position, :at, :at)
            on conflict (workflow_id, approval_id) do nothing
            """)
        .param("id", requested.workflowId())
        .param("approvalId", requested.approvalId())
        .param("tenantId", recorded.tenantId())
        .param("stepId", requested.stepId())
        .param("digest", requested.digest())
        .param("requestedBy", requested.requestedBy())
        .param("required", requested.required())
        .param("people", JsonColumn.write(requested.people()))
        .param("roles", JsonColumn.write(requested.roles()))
        .param("expiresAt", TimeColumn.write(requested.expiresAt()))
        .param("remindAt", TimeColumn.write(requested.remindAt()))
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at())
        .update();
  }

  /** The version guards the row: an event that comes again changes nothing. */
  private StatementSpec update(String assignments, ApprovalEvent event, Recorded recorded) {
    return db.sql(
            """
            update views.approvals
            set %s version = :version, position = :position, updated_at = :at
            where workflow_id = :id and approval_id = :approvalId and version < :version
            """
                .formatted(assignments))
        .param("id", event.workflowId())
        .param("approvalId", event.approvalId())
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at());
  }

  @ResetHandler
  void reset() {
    db.sql("truncate views.approvals").update();
  }

  /**
   * Lists what people had or have to decide, newest first.
   *
   * @param status only those that stand so: open, granted, denied, expired or withdrawn
   * @param project only those about workflows with this label `project`
   * @param environment only those about workflows with this label `environment`
   */
  @GetMapping("/v1/approvals")
  public Page<ApprovalRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(required = false) @Nullable String status,
      @RequestParam(required = false) @Nullable String project,
      @RequestParam(required = false) @Nullable String environment,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    Filter filter =
        new Filter()
            .oneOf("status", status, STATUSES, "a.status")
            .in(project, environment, "w.labels");
    PageRequest page = PageRequest.of(PROCESSING_GROUP, limit, cursor);
    await(consistentWith);
    return Page.of(
        reads
            .db()
            .sql(
                SELECT
                    + "where a.tenant_id = :tenantId and a.created_position < :before"
                    + filter.conditions()
                    + " order by a.created_position desc limit :fetch")
            .param("tenantId", tenantId)
            .param("before", page.before())
            .param("fetch", page.fetch())
            .params(filter.parameters())
            .query(ApprovalTable::row)
            .list(),
        page,
        ApprovalRow::createdPosition);
  }

  /** Lists what people had or have to decide about one workflow, newest first. */
  @GetMapping("/v1/workflows/{workflowId}/approvals")
  public Page<ApprovalRow> listWorkflowApprovals(
      @RequestAttribute String tenantId,
      @PathVariable String workflowId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    PageRequest page = PageRequest.of(PROCESSING_GROUP, limit, cursor);
    workflows.get(tenantId, workflowId, consistentWith);
    await(consistentWith);
    return Page.of(
        reads
            .db()
            .sql(
                SELECT
                    + "where a.workflow_id = :id and a.created_position < :before"
                    + " order by a.created_position desc limit :fetch")
            .param("id", workflowId)
            .param("before", page.before())
            .param("fetch", page.fetch())
            .query(ApprovalTable::row)
            .list(),
        page,
        ApprovalRow::createdPosition);
  }

  private void await(@Nullable Long position) {
    for (String group :
        List.of(PROCESSING_GROUP, StepTable.PROCESSING_GROUP, WorkflowTable.PROCESSING_GROUP)) {
      reads.freshness().await(group, position);
    }
  }

  private static ApprovalRow row(ResultSet row, int number) throws SQLException {
    return new ApprovalRow(
        row.getString("approval_id"),
        row.getString("workflow_id"),
        row.getString("workflow_name"),
        row.getString("step_id"),
        row.getString("what"),
        row.getString("digest"),
        row.getString("requested_by"),
        row.getInt("required"),
        JsonColumn.readNames(row.getString("granted_by")),
        JsonColumn.readNames(row.getString("people")),
        JsonColumn.readNames(row.getString("roles")),
        JsonColumn.readLabels(row.getString("delegates")),
        row.getString("status"),
        row.getString("denied_by"),
        row.getString("reason"),
        row.getObject("expires_at", OffsetDateTime.class).toInstant(),
        TimeColumn.read(row, "remind_at"),
        TimeColumn.read(row, "reminded_at"),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}

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
import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.Row;
import io.agentflow.projections.Rows;
import io.agentflow.projections.TableKey;
import io.agentflow.projections.Tables;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
public class ApprovalTable {

  public static final Projection<ApprovalEvent> PROJECTION =
      new Projection<>(
          "approvals",
          ApprovalEvent.class,
          ApprovalTable::fold,
          new TableKey("approvals", "workflow_id", "approval_id"));

  private static final List<String> STATUSES =
      Arrays.stream(Outcome.values()).map(it -> it.name().toLowerCase(Locale.ROOT)).toList();

  private static final String SELECT =
      """
      select a.*, w.name as workflow_name, coalesce(s.name, a.step_id, 'plan') as what
      from views.approvals a
      left join views.workflows w on w.workflow_id = a.workflow_id
      left join views.steps s on s.workflow_id = a.workflow_id and s.step_id = a.step_id
      """;

  private final TenantReads reads;
  private final WorkflowTable workflows;

  public ApprovalTable(TenantReads reads, WorkflowTable workflows) {
    this.reads = reads;
    this.workflows = workflows;
  }

  private static void fold(ApprovalEvent event, Recorded recorded, Tables tables) {
    Rows approvals = tables.rows("approvals");
    if (event instanceof ApprovalRequested requested) {
      approvals.add(
          recorded, row -> fill(row, requested), requested.workflowId(), requested.approvalId());
    } else {
      approvals.change(
          recorded, row -> change(row, event, recorded), event.workflowId(), event.approvalId());
    }
  }

  private static void fill(Row row, ApprovalRequested requested) {
    row.set("step_id", requested.stepId())
        .set("digest", requested.digest())
        .set("requested_by", requested.requestedBy())
        .set("required", requested.required())
        .set("people", requested.people())
        .set("roles", requested.roles())
        .set("granted_by", List.of())
        .set("delegates", Map.of())
        .set("status", "open")
        .set("expires_at", requested.expiresAt())
        .set("remind_at", requested.remindAt());
  }

  private static void change(Row row, ApprovalEvent event, Recorded recorded) {
    switch (event) {
      case ApprovalGranted granted ->
          row.set("status", granted.granted() >= granted.required() ? "granted" : "open")
              .append("granted_by", granted.by());
      case ApprovalDenied denied ->
          row.set("status", "denied").set("denied_by", denied.by()).set("reason", denied.reason());
      case ApprovalExpired expired -> row.set("status", "expired");
      case ApprovalReminded reminded -> row.set("reminded_at", recorded.at().toInstant());
      case ApprovalDelegated delegated ->
          row.drop("delegates", delegated.to()).put("delegates", delegated.by(), delegated.to());
      case ApprovalWithdrawn withdrawn -> row.set("status", "withdrawn");
      // The row is there before anything else happens.
      case ApprovalRequested requested -> {}
    }
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
    PageRequest page = PageRequest.of(PROJECTION.name(), limit, cursor);
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
    PageRequest page = PageRequest.of(PROJECTION.name(), limit, cursor);
    workflows.get(tenantId, workflowId, null, consistentWith);
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
    reads.freshness().await(PROJECTION.name(), position);
    reads.freshness().await(StepTable.PROJECTION.name(), position);
    reads.freshness().await(WorkflowTable.PROJECTION.name(), position);
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

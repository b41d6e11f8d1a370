package io.agentflow.projections.workflow;

import io.agentflow.domain.InvalidField;
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
import io.agentflow.projections.Filter;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.JsonColumn;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Past;
import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.Row;
import io.agentflow.projections.Rows;
import io.agentflow.projections.SearchText;
import io.agentflow.projections.TableKey;
import io.agentflow.projections.Tables;
import io.agentflow.projections.TenantReads;
import io.agentflow.projections.TenantRows;
import io.agentflow.projections.TimeColumn;
import java.beans.PropertyEditorSupport;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.WebDataBinder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.InitBinder;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code views.workflows}: one row a workflow, answering {@code GET /v1/workflows}. */
@RestController
@RequestMapping("/v1/workflows")
public class WorkflowTable {

  public static final Projection<WorkflowEvent> PROJECTION =
      new Projection<>(
          "workflows",
          WorkflowEvent.class,
          WorkflowTable::fold,
          new TableKey("workflows", "workflow_id"));

  private static final List<String> STATUSES =
      List.of("created", "running", "paused", "compensating", "completed", "failed", "cancelled");

  /** The projections that fill what is asked besides. */
  private static final String TOOLS = "tools";

  private static final String MESSAGES = "messages";

  private static final String THAT_CALLED =
      """
      select called.workflow_id from views.tool_calls called
      where called.tenant_id = current_setting('agentflow.tenant')
        and called.tool = %s and called.called_at is not null
      """;

  private final TenantReads reads;
  private final TenantRows<WorkflowRow> rows;

  public WorkflowTable(TenantReads reads) {
    this.reads = reads;
    this.rows =
        new TenantRows<>(
            reads, PROJECTION, "workflow", WorkflowTable::row, WorkflowRow::createdPosition);
  }

  private static void fold(WorkflowEvent event, Recorded recorded, Tables tables) {
    Rows workflows = tables.rows("workflows");
    if (event instanceof WorkflowCreated created) {
      workflows.add(recorded, row -> fill(row, created), created.workflowId());
    } else {
      workflows.change(recorded, row -> change(row, event), event.workflowId());
    }
  }

  private static void fill(Row row, WorkflowCreated created) {
    row.set("name", created.name())
        .set("intent", created.intent())
        .set("status", "created")
        .set("agent_id", created.agentId())
        .set("budget_id", created.budgetId())
        .set("labels", created.labels())
        .set("messages", 0)
        .set("tool_calls", 0)
        .set("total_tokens", 0)
        .set("total_micro_dollars", 0)
        .set("steps_total", 0)
        .set("steps_done", 0);
  }

  private static void change(Row row, WorkflowEvent event) {
    switch (event) {
      case WorkflowStarted started -> row.set("status", "running");
      case MessageRecorded said ->
          spent(row.add("messages", 1), said.totalTokens(), said.totalMicroDollars());
      case ToolCalled called ->
          spent(row.add("tool_calls", 1), called.totalTokens(), called.totalMicroDollars());
      case ToolReturned returned ->
          spent(row, returned.totalTokens(), returned.totalMicroDollars());
      case WorkflowCompleted completed -> end(row, "completed", completed.result());
      case WorkflowFailed failed -> end(row, "failed", failed.reason());
      case RunEvent of -> change(row, of);
      // Only when it was last heard of.
      case ApprovalEvent of -> {}
      // The row is there before anything else happens.
      case WorkflowCreated created -> {}
    }
  }

  private static void change(Row row, RunEvent event) {
    switch (event) {
      case PlanProposed proposed ->
          row.set("proposed_plan_version", proposed.planVersion())
              .set("proposed_autonomy", proposed.autonomy().word())
              .set("proposed_steps_total", proposed.plan().steps().size());
      case PlanApproved approved ->
          row.copy("plan_version", "proposed_plan_version")
              .copy("autonomy", "proposed_autonomy")
              .copy("steps_total", "proposed_steps_total")
              .set("proposed_plan_version", null);
      case PlanRejected rejected -> row.set("proposed_plan_version", null);
      case DeadlineSet set -> row.set("deadline", set.dueAt());
      case RestartedFrom restarted ->
          row.add(
              "steps_done", restarted.reused().stream().map(StepResult::stepId).distinct().count());
      case StepCompleted done ->
          spent(row.add("steps_done", 1), done.totalTokens(), done.totalMicroDollars());
      case StepCompensated undone ->
          spent(row.add("steps_done", -1), undone.totalTokens(), undone.totalMicroDollars());
      case StepFailed failed -> spent(row, failed.totalTokens(), failed.totalMicroDollars());
      case StepSkipped skipped -> row.add("steps_done", 1);
      case WorkflowPaused paused ->
          row.set("status", "paused").set("paused_because", paused.reason());
      case WorkflowResumed resumed -> row.set("status", "running").set("paused_because", null);
      case CompensationStarted started ->
          row.set("status", "compensating").set("paused_because", null);
      case WorkflowReopened reopened ->
          row.set("status", "running").set("outcome", null).set("paused_because", null);
      case WorkflowCancelled cancelled -> end(row, "cancelled", cancelled.reason());
      case StepReady _,
          StepAssigned _,
          StepProgressed _,
          StepRetryScheduled _,
          StepCancelled _,
          StepUnfunded _,
          WaitStarted _,
          SignalReceived _ -> {}
    }
  }

  private static void spent(Row row, long totalTokens, long totalMicroDollars) {
    row.set("total_tokens", totalTokens).set("total_micro_dollars", totalMicroDollars);
  }

  private static void end(Row row, String status, String outcome) {
    row.set("status", status).set("outcome", outcome);
  }

  /**
   * Lists workflows, newest first.
   *
   * @param status only those that stand so: created, running, paused, compensating, completed,
   *     failed or cancelled
   * @param agentId only those of this agent
   * @param budgetId only those that charge this budget
   * @param label only those with this label, as {@code name:value}; with several, only those with
   *     all of them
   * @param project only those with this label `project`
   * @param environment only those with this label `environment`
   * @param createdAfter only those that were created later than this
   * @param createdBefore only those that were created earlier than this
   * @param name only those with this part in their name, whatever its case
   * @param tool only those that called this tool
   * @param updatedAfter only those whose last event was later than this
   * @param updatedBefore only those whose last event was earlier than this
   * @param costAtLeastMicroDollars only those that have cost this much or more
   * @param costAtMostMicroDollars only those that have cost this much or less
   * @param text only those with these words in name and intent or in one of their messages, as `GET
   *     /v1/messages` has them
   * @param asOf as it was at this position of the log, or with the tenant's last entry of this time
   *     or before; without it, as it is; not with `tool` or `text`
   */
  @GetMapping
  public Page<WorkflowRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(required = false) @Nullable String status,
      @RequestParam(required = false) @Nullable String agentId,
      @RequestParam(required = false) @Nullable String budgetId,
      @RequestParam(required = false) String @Nullable [] label,
      @RequestParam(required = false) @Nullable String project,
      @RequestParam(required = false) @Nullable String environment,
      @RequestParam(required = false) @Nullable Instant createdAfter,
      @RequestParam(required = false) @Nullable Instant createdBefore,
      @RequestParam(required = false) @Nullable String name,
      @RequestParam(required = false) @Nullable String tool,
      @RequestParam(required = false) @Nullable Instant updatedAfter,
      @RequestParam(required = false) @Nullable Instant updatedBefore,
      @RequestParam(required = false) @Nullable Long costAtLeastMicroDollars,
      @RequestParam(required = false) @Nullable Long costAtMostMicroDollars,
      @RequestParam(required = false) @Nullable String text,
      @RequestParam(required = false) @Nullable String asOf,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    SearchText words = text == null ? null : SearchText.of("text", text);
    if (asOf != null && (tool != null || words != null)) {
      throw new InvalidField(
          Past.PARAMETER,
          "must not be asked with tool or text, which are looked up as they are now");
    }
    awaitOthers(tool, words, consistentWith);
    return rows.page(
        tenantId,
        limit,
        cursor,
        consistentWith,
        asOf,
        new Filter()
            .is(agentId, "agent_id")
            .is(budgetId, "budget_id")
            .labels(label, "labels")
            .in(project, environment, "labels")
            .between(createdAfter, createdBefore, "created_at")
            .has("name", name, "name")
            .unchanging()
            .oneOf("status", status, STATUSES, "status")
            .among("workflow_id", THAT_CALLED, tool)
            .between(updatedAfter, updatedBefore, "updated_at")
            .amount("cost", costAtLeastMicroDollars, costAtMostMicroDollars, "total_micro_dollars")
            .among(
                "workflow_id",
                "select views.workflows_with(%s)",
                words == null ? null : words.query()));
  }

  /** What is asked of other tables has to stand there, too. */
  private void awaitOthers(
      @Nullable String tool, @Nullable SearchText words, @Nullable Long consistentWith) {
    if (tool != null) {
      reads.freshness().await(TOOLS, consistentWith);
    }
    if (words != null) {
      reads.freshness().await(MESSAGES, consistentWith);
    }
  }

  /**
   * Shows a workflow.
   *
   * @param asOf as it was at this position of the log, or with the tenant's last entry of this time
   *     or before; without it, as it is
   */
  @GetMapping("/{workflowId}")
  public WorkflowRow get(
      @RequestAttribute String tenantId,
      @PathVariable String workflowId,
      @RequestParam(required = false) @Nullable String asOf,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.get(tenantId, workflowId, consistentWith, asOf);
  }

  /** A comma is a part of a label, and not what stands between two. */
  @InitBinder
  void keepCommas(WebDataBinder binder) {
    binder.registerCustomEditor(
        String[].class,
        new PropertyEditorSupport() {
          @Override
          public void setAsText(String text) {
            setValue(new String[] {text});
          }
        });
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

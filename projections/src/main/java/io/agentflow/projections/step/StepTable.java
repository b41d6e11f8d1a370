package io.agentflow.projections.step;

import io.agentflow.domain.Cursor;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
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
import io.agentflow.domain.workflow.RunEvent.StepRetryScheduled;
import io.agentflow.domain.workflow.RunEvent.StepSkipped;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.RunEvent.WaitStarted;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowPaused;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.RunEvent.WorkflowResumed;
import io.agentflow.domain.workflow.WorkflowEvent;
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
import io.agentflow.projections.workflow.WorkflowTable;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code views.steps}: one row a step of the plan that is carried out, answering {@code GET
 * /v1/workflows/{id}/steps}. What a plan has for steps waits in {@code views.plans} for its
 * approval.
 */
@RestController
public class StepTable {

  public static final Projection<WorkflowEvent> PROJECTION =
      new Projection<>(
          "steps",
          WorkflowEvent.class,
          List.of(RunEvent.class, ApprovalRequested.class),
          StepTable::fold,
          List.of(
              new TableKey("steps", "workflow_id", "step_id"),
              new TableKey("plans", "workflow_id", "plan_version")));

  private static final int RESULT_CHARS_MAX = 1_000;

  private static final long BEFORE_THE_FIRST = -1;

  private final TenantReads reads;
  private final WorkflowTable workflows;

  public StepTable(TenantReads reads, WorkflowTable workflows) {
    this.reads = reads;
    this.workflows = workflows;
  }

  private static void fold(WorkflowEvent event, Recorded recorded, Tables tables) {
    Rows steps = tables.rows("steps");
    if (event instanceof RunEvent of) {
      fold(of, recorded, steps, tables.rows("plans"));
    } else if (event instanceof ApprovalRequested asked && asked.stepId() != null) {
      steps.change(
          recorded,
          row -> ended(row, "asking").set("approval_id", asked.approvalId()),
          asked.workflowId(),
          asked.stepId());
    }
  }

  private static void fold(RunEvent event, Recorded recorded, Rows steps, Rows plans) {
    switch (event) {
      case PlanProposed proposed -> keep(proposed, recorded, plans);
      case PlanApproved approved -> insert(approved, recorded, steps, plans);
      case RestartedFrom restarted -> insertReused(restarted, recorded, steps, plans);
      case StepReady ready ->
          change(
              steps,
              recorded,
              ready,
              ready.stepId(),
              row ->
                  row.set("status", "ready")
                      .set("attempt", ready.attempt())
                      .set("compensation", ready.compensation())
                      .set("agent_id", null)
                      .set("lease_until", null)
                      .set("due_at", null)
                      .set("progress_note", null)
                      .set("progress_percent", null));
      case StepAssigned assigned ->
          change(
              steps,
              recorded,
              assigned,
              assigned.stepId(),
              row ->
                  row.set("status", "assigned")
                      .set("agent_id", assigned.agentId())
                      .set("lease_until", assigned.leaseUntil())
                      .set("due_at", assigned.timeoutAt())
                      .set("autonomy", assigned.autonomy().word())
                      .set("risk", assigned.risk().name().toLowerCase(Locale.ROOT))
                      .set("rule", assigned.rule()));
      case StepProgressed progressed ->
          change(
              steps,
              recorded,
              progressed,
              progressed.stepId(),
              row ->
                  row.set("progress_note", progressed.note())
                      .set("progress_percent", progressed.percent()));
      case StepCompleted done ->
          change(
              steps,
              recorded,
              done,
              done.stepId(),
              row ->
                  spent(ended(row, "completed"), done.tokens(), done.microDollars())
                      .set("result", cut(done.result()))
                      .set("reason", null));
      case StepCompensated undone ->
          change(
              steps,
              recorded,
              undone,
              undone.stepId(),
              row ->
                  spent(ended(row, "undone"), undone.tokens(), undone.microDollars())
                      .set("reason", null));
      case StepFailed failed ->
          change(
              steps,
              recorded,
              failed,
              failed.stepId(),
              row ->
                  spent(ended(row, "failed"), failed.tokens(), failed.microDollars())
                      .set("reason", failed.reason()));
      case StepRetryScheduled retry ->
          change(
              steps,
              recorded,
              retry,
              retry.stepId(),
              row -> ended(row, "backing_off").set("due_at", retry.dueAt()));
      case StepSkipped skipped ->
          change(
              steps,
              recorded,
              skipped,
              skipped.stepId(),
              row -> ended(row, "skipped").set("reason", skipped.reason()));
      case StepCancelled cancelled ->
          change(steps, recorded, cancelled, cancelled.stepId(), row -> ended(row, "cancelled"));
      case StepUnfunded unfunded ->
          change(steps, recorded, unfunded, unfunded.stepId(), row -> ended(row, "unfunded"));
      case WaitStarted wait ->
          change(
              steps,
              recorded,
              wait,
              wait.stepId(),
              row -> row.set("status", "timed").set("due_at", wait.dueAt()));
      // None of these moves a step; what follows from them comes as events of its own.
      case WorkflowPaused _,
          WorkflowResumed _,
          WorkflowCancelled _,
          WorkflowReopened _,
          CompensationStarted _,
          DeadlineSet _,
          SignalReceived _,
          PlanRejected _ -> {}
    }
  }

  private static void keep(PlanProposed proposed, Recorded recorded, Rows plans) {
    plans.add(
        recorded,
        row -> row.set("steps", PlannedStep.of(proposed.plan())),
        proposed.workflowId(),
        Integer.toString(proposed.planVersion()));
  }

  private static List<PlannedStep> plan(Rows plans, String workflowId, int planVersion) {
    return plans
        .find(workflowId, Integer.toString(planVersion))
        .map(row -> PlannedStep.read(row.list("steps")))
        .orElse(List.of());
  }

  /**
   * A step that this version has not stays without an ordinal, should a later one have it again.
   */
  private static void insert(PlanApproved approved, Recorded recorded, Rows steps, Rows plans) {
    String id = approved.workflowId();
    Set<String> planned = new HashSet<>();
    for (PlannedStep step : plan(plans, id, approved.planVersion())) {
      planned.add(step.id());
      steps.add(recorded, row -> fill(row, step), id, step.id());
    }
    if (approved.planVersion() > 1) {
      for (List<String> key : steps.keys(id)) {
        if (!planned.contains(key.getLast())) {
          steps.change(recorded, row -> row.set("ordinal", null), id, key.getLast());
        }
      }
    }
  }

  private static Row fill(Row row, PlannedStep step) {
    return row.set("ordinal", step.ordinal())
        .set("name", step.name())
        .set("kind", step.kind())
        .set("needs", step.needs())
        .set("risk", step.risk())
        .initially("status", "waiting")
        .initially("attempt", 0)
        .initially("compensation", false)
        .initially("tokens", 0)
        .initially("micro_dollars", 0);
  }

  /** Possible before the plan is approved, when its steps have no rows yet. */
  private static void insertReused(
      RestartedFrom restarted, Recorded recorded, Rows steps, Rows plans) {
    String id = restarted.workflowId();
    Map<String, String> results = new HashMap<>();
    restarted.reused().forEach(step -> results.put(step.stepId(), cut(step.result())));
    for (PlannedStep step : plan(plans, id, lastPlanVersion(plans, id))) {
      if (results.containsKey(step.id())) {
        steps.add(
            recorded,
            row -> fill(row, step).set("status", "completed").set("result", results.get(step.id())),
            id,
            step.id());
      }
    }
  }

  private static int lastPlanVersion(Rows plans, String workflowId) {
    return plans.keys(workflowId).stream()
        .mapToInt(key -> Integer.parseInt(key.getLast()))
        .max()
        .orElse(0);
  }

  private static void change(
      Rows steps, Recorded recorded, RunEvent event, String stepId, Consumer<Row> change) {
    steps.change(recorded, change, event.workflowId(), stepId);
  }

  /** No worker has the step any more. */
  private static Row ended(Row row, String status) {
    return row.set("status", status).set("lease_until", null).set("due_at", null);
  }

  private static Row spent(Row row, long tokens, long microDollars) {
    return row.add("tokens", tokens).add("micro_dollars", microDollars);
  }

  private static String cut(String result) {
    if (result.length() <= RESULT_CHARS_MAX) {
      return result;
    }
    // Half of a surrogate pair has no UTF-8 form.
    boolean splits = Character.isHighSurrogate(result.charAt(RESULT_CHARS_MAX - 1));
    return result.substring(0, splits ? RESULT_CHARS_MAX - 1 : RESULT_CHARS_MAX);
  }

  /** Lists the steps of the plan that is carried out, in the plan's order. */
  @GetMapping("/v1/workflows/{workflowId}/steps")
  public Page<StepRow> list(
      @RequestAttribute String tenantId,
      @PathVariable String workflowId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    PageRequest page = PageRequest.of(PROJECTION.name(), limit, null);
    long after = Cursor.key(PROJECTION.name(), cursor, BEFORE_THE_FIRST);
    workflows.get(tenantId, workflowId, null, consistentWith);
    reads.freshness().await(PROJECTION.name(), consistentWith);
    return Page.of(
        reads
            .db()
            .sql(
                """
                select * from views.steps
                where workflow_id = :id and ordinal > :after order by ordinal limit :fetch
                """)
            .param("id", workflowId)
            .param("after", after)
            .param("fetch", page.fetch())
            .query(StepTable::row)
            .list(),
        page,
        StepRow::ordinal);
  }

  private static StepRow row(ResultSet row, int number) throws SQLException {
    return new StepRow(
        row.getString("workflow_id"),
        row.getString("step_id"),
        row.getInt("ordinal"),
        row.getString("name"),
        row.getString("kind"),
        JsonColumn.readNames(row.getString("needs")),
        row.getString("status"),
        row.getInt("attempt"),
        row.getBoolean("compensation"),
        row.getString("agent_id"),
        TimeColumn.read(row, "lease_until"),
        TimeColumn.read(row, "due_at"),
        row.getString("approval_id"),
        row.getString("result"),
        row.getString("reason"),
        row.getLong("tokens"),
        row.getLong("micro_dollars"),
        row.getString("autonomy"),
        row.getString("risk"),
        row.getString("rule"),
        row.getString("progress_note"),
        row.getObject("progress_percent", Integer.class),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}

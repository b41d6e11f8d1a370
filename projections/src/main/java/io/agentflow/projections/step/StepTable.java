package io.agentflow.projections.step;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
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
import io.agentflow.projections.KeepsRows;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.Row;
import io.agentflow.projections.RowBatch;
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
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.ResetHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
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
@ProcessingGroup(StepTable.PROCESSING_GROUP)
public class StepTable implements KeepsRows {

  public static final String PROCESSING_GROUP = "steps";

  private static final int RESULT_CHARS_MAX = 1_000;

  /** So many proposed plans are kept in memory, since most are approved at once. */
  private static final int PLANS_KEPT = 1_000;

  private static final long BEFORE_THE_FIRST = -1;

  private final JdbcClient db;
  private final TenantReads reads;
  private final WorkflowTable workflows;
  private final RowBatch steps;
  private final Cache<PlanKey, List<PlannedStep>> plans =
      Caffeine.newBuilder().maximumSize(PLANS_KEPT).build();

  public StepTable(JdbcClient db, TenantReads reads, WorkflowTable workflows) {
    this.db = db;
    this.reads = reads;
    this.workflows = workflows;
    this.steps = new RowBatch(db, "views.steps", "workflow_id", "step_id");
  }

  @EventHandler
  void on(RunEvent event, EventMessage<?> message) {
    Recorded recorded = Recorded.of(message);
    switch (event) {
      case PlanProposed proposed -> keep(proposed);
      case PlanApproved approved -> insert(approved, recorded);
      case RestartedFrom restarted -> insertReused(restarted, recorded);
      case StepReady ready ->
          change(
              ready,
              ready.stepId(),
              recorded,
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
              assigned,
              assigned.stepId(),
              recorded,
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
              progressed,
              progressed.stepId(),
              recorded,
              row ->
                  row.set("progress_note", progressed.note())
                      .set("progress_percent", progressed.percent()));
      case StepCompleted done ->
          change(
              done,
              done.stepId(),
              recorded,
              row ->
                  spent(ended(row, "completed"), done.tokens(), done.microDollars())
                      .set("result", cut(done.result()))
                      .set("reason", null));
      case StepCompensated undone ->
          change(
              undone,
              undone.stepId(),
              recorded,
              row ->
                  spent(ended(row, "undone"), undone.tokens(), undone.microDollars())
                      .set("reason", null));
      case StepFailed failed ->
          change(
              failed,
              failed.stepId(),
              recorded,
              row ->
                  spent(ended(row, "failed"), failed.tokens(), failed.microDollars())
                      .set("reason", failed.reason()));
      case StepRetryScheduled retry ->
          change(
              retry,
              retry.stepId(),
              recorded,
              row -> ended(row, "backing_off").set("due_at", retry.dueAt()));
      case StepSkipped skipped ->
          change(
              skipped,
              skipped.stepId(),
              recorded,
              row -> ended(row, "skipped").set("reason", skipped.reason()));
      case StepCancelled cancelled ->
          change(cancelled, cancelled.stepId(), recorded, row -> ended(row, "cancelled"));
      case StepUnfunded unfunded ->
          change(unfunded, unfunded.stepId(), recorded, row -> ended(row, "unfunded"));
      case WaitStarted wait ->
          change(
              wait,
              wait.stepId(),
              recorded,
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

  @EventHandler
  void on(ApprovalRequested asked, EventMessage<?> message) {
    if (asked.stepId() != null) {
      change(
          asked,
          asked.stepId(),
          Recorded.of(message),
          row -> ended(row, "asking").set("approval_id", asked.approvalId()));
    }
  }

  private record PlanKey(String workflowId, int planVersion) {}

  private void keep(PlanProposed proposed) {
    List<PlannedStep> planned = PlannedStep.of(proposed.plan());
    plans.put(new PlanKey(proposed.workflowId(), proposed.planVersion()), planned);
    db.sql(
            """
            insert into views.plans (workflow_id, plan_version, steps)
            values (:id, :planVersion, cast(:steps as jsonb))
            on conflict (workflow_id, plan_version) do nothing
            """)
        .param("id", proposed.workflowId())
        .param("planVersion", proposed.planVersion())
        .param("steps", JsonColumn.write(planned))
        .update();
  }

  private List<PlannedStep> plan(String workflowId, int planVersion) {
    return plans.get(
        new PlanKey(workflowId, planVersion),
        key ->
            db.sql(
                    """
                    select steps from views.plans
                    where workflow_id = :id and plan_version = :planVersion
                    """)
                .param("id", key.workflowId())
                .param("planVersion", key.planVersion())
                .query(String.class)
                .optional()
                .map(PlannedStep::read)
                .orElse(List.of()));
  }

  /**
   * A step that this version has not stays without an ordinal, should a later one have it again.
   */
  private void insert(PlanApproved approved, Recorded recorded) {
    String id = approved.workflowId();
    Set<String> planned = new HashSet<>();
    for (PlannedStep step : plan(id, approved.planVersion())) {
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
  private void insertReused(RestartedFrom restarted, Recorded recorded) {
    String id = restarted.workflowId();
    Map<String, String> results = new HashMap<>();
    restarted.reused().forEach(step -> results.put(step.stepId(), cut(step.result())));
    for (PlannedStep step : plan(id, lastPlanVersion(id))) {
      if (results.containsKey(step.id())) {
        steps.add(
            recorded,
            row -> fill(row, step).set("status", "completed").set("result", results.get(step.id())),
            id,
            step.id());
      }
    }
  }

  private int lastPlanVersion(String workflowId) {
    return db.sql("select coalesce(max(plan_version), 0) from views.plans where workflow_id = :id")
        .param("id", workflowId)
        .query(Integer.class)
        .single();
  }

  private void change(WorkflowEvent event, String stepId, Recorded recorded, Consumer<Row> change) {
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

  @Override
  public void forgetRows() {
    steps.forget();
  }

  @ResetHandler
  void reset() {
    db.sql("truncate views.steps, views.plans").update();
  }

  /** Lists the steps of the plan that is carried out, in the plan's order. */
  @GetMapping("/v1/workflows/{workflowId}/steps")
  public Page<StepRow> list(
      @RequestAttribute String tenantId,
      @PathVariable String workflowId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    PageRequest page = PageRequest.of(PROCESSING_GROUP, limit, null);
    long after = Cursor.key(PROCESSING_GROUP, cursor, BEFORE_THE_FIRST);
    workflows.get(tenantId, workflowId, consistentWith);
    reads.freshness().await(PROCESSING_GROUP, consistentWith);
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

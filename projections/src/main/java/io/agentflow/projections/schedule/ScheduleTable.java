package io.agentflow.projections.schedule;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.agentflow.domain.schedule.ScheduleEvent;
import io.agentflow.domain.schedule.ScheduleEvent.FiringQueued;
import io.agentflow.domain.schedule.ScheduleEvent.FiringSkipped;
import io.agentflow.domain.schedule.ScheduleEvent.RunEnded;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleDeleted;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleEvent.SchedulePaused;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleResumed;
import io.agentflow.projections.Filter;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.JsonColumn;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.TenantReads;
import io.agentflow.projections.TenantRows;
import io.agentflow.projections.TimeColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
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

/** {@code views.schedules}: one row a schedule, answering {@code GET /v1/schedules}. */
@RestController
@RequestMapping("/v1/schedules")
@ProcessingGroup(ScheduleTable.PROCESSING_GROUP)
public class ScheduleTable {

  public static final String PROCESSING_GROUP = "schedules";

  private static final List<String> STATUSES = List.of("active", "paused", "deleted");

  /** How many of the coming times are told. */
  private static final int UPCOMING = 5;

  private final JdbcClient db;
  private final DueTimes dueTimes;
  private final TenantRows<ScheduleRow> rows;
  private final TenantRows<ScheduleAnswer> wholes;

  public ScheduleTable(JdbcClient db, TenantReads reads, DueTimes dueTimes) {
    this.db = db;
    this.dueTimes = dueTimes;
    this.rows =
        new TenantRows<>(
            reads,
            PROCESSING_GROUP,
            "schedule",
            "views.schedules",
            "schedule_id",
            ScheduleTable::row,
            ScheduleRow::createdPosition);
    this.wholes =
        new TenantRows<>(
            reads,
            PROCESSING_GROUP,
            "schedule",
            "views.schedules",
            "schedule_id",
            this::whole,
            whole -> whole.schedule().createdPosition());
  }

  /**
   * One schedule, with what is too much for a list.
   *
   * @param plan its plan's definition
   * @param upcoming the next times at which it is due; none unless it is active
   */
  public record ScheduleAnswer(
      @JsonUnwrapped ScheduleRow schedule, @JsonRawValue String plan, List<Instant> upcoming) {}

  @EventHandler
  void on(ScheduleEvent event, EventMessage<?> message) {
    Recorded recorded = Recorded.of(message);
    switch (event) {
      case ScheduleCreated created -> insert(created, recorded);
      case ScheduleFired fired ->
          update(
                  """
                  running = running || jsonb_build_array(:workflowId),
                  waiting = waiting - :workflowId, last_workflow_id = :workflowId,
                  last_scheduled_at = cast(:scheduledAt as timestamptz),
                  next_due_at = cast(:nextDueAt as timestamptz)
                  """,
                  fired,
                  recorded)
              .param("workflowId", fired.workflowId())
              .param("scheduledAt", fired.scheduledAt())
              .param("nextDueAt", fired.nextDueAt())
              .update();
      case FiringQueued queued ->
          update(
                  """
                  waiting = waiting || jsonb_build_array(:workflowId),
                  next_due_at = cast(:nextDueAt as timestamptz)
                  """,
                  queued,
                  recorded)
              .param("workflowId", queued.workflowId())
              .param("nextDueAt", queued.nextDueAt())
              .update();
      case FiringSkipped skipped ->
          update(
                  """
                  skipped_from = cast(:fromAt as timestamptz), skipped_because = :reason,
                  next_due_at = cast(:beforeAt as timestamptz)
                  """,
                  skipped,
                  recorded)
              .param("fromAt", skipped.fromAt())
              .param("reason", skipped.reason())
              .param("beforeAt", skipped.beforeAt())
              .update();
      case RunEnded ended ->
          update("running = running - :workflowId, last_end = :end", ended, recorded)
              .param("workflowId", ended.workflowId())
              .param("end", ended.end())
              .update();
      case SchedulePaused paused ->
          update(
                  "status = 'paused', paused_because = :reason, next_due_at = null",
                  paused,
                  recorded)
              .param("reason", paused.reason())
              .update();
      case ScheduleResumed resumed ->
          update(
                  """
                  status = 'active', paused_because = null,
                  next_due_at = cast(:nextDueAt as timestamptz)
                  """,
                  resumed,
                  recorded)
              .param("nextDueAt", resumed.nextDueAt())
              .update();
      case ScheduleDeleted deleted ->
          update(
                  """
                  status = 'deleted', paused_because = null, next_due_at = null,
                  running = '[]', waiting = '[]'
                  """,
                  deleted,
                  recorded)
              .update();
    }
  }

  private void insert(ScheduleCreated created, Recorded recorded) {
    db.sql(
            """
            insert into views.schedules (
              schedule_id, tenant_id, name, cron, zone, overlap, queue_max, catch_up_millis,
              workflow_name, intent, labels, budget_id, budget_tokens, budget_micro_dollars, plan,
              created_by, status, next_due_at, running, waiting, version, position,
              created_position, created_at, updated_at)
            values (
              :id, :tenantId, :name, :cron, :zone, :overlap, :queueMax, :catchUpMillis,
              :workflowName, :intent, cast(:labels as jsonb), :budgetId, :budgetTokens,
              :budgetMicroDollars, cast(:plan as json), :createdBy, 'active',
              cast(:nextDueAt as timestamptz), '[]', '[]', :version, :position, :position, :at,
              :at)
            on conflict (schedule_id) do nothing
            """)
        .param("id", created.scheduleId())
        .param("tenantId", recorded.tenantId())
        .param("name", created.name())
        .param("cron", created.cron())
        .param("zone", created.zone())
        .param("overlap", created.overlap())
        .param("queueMax", created.queueMax())
        .param("catchUpMillis", created.catchUpMillis())
        .param("workflowName", created.workflowName())
        .param("intent", created.intent())
        .param("labels", JsonColumn.write(created.labels()))
        .param("budgetId", created.budgetId())
        .param("budgetTokens", created.budgetTokens())
        .param("budgetMicroDollars", created.budgetMicroDollars())
        .param("plan", created.plan())
        .param("createdBy", created.createdBy())
        .param("nextDueAt", created.nextDueAt())
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at())
        .update();
  }

  /** Sets values, and what every event moves; a repeated event changes nothing. */
  private StatementSpec update(String columns, ScheduleEvent event, Recorded recorded) {
    return db.sql(
            """
            update views.schedules
            set %s, version = :version, position = :position, updated_at = :at
            where schedule_id = :id and version < :version
            """
                .formatted(columns))
        .param("id", event.scheduleId())
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at());
  }

  @ResetHandler
  void reset() {
    db.sql("truncate views.schedules").update();
  }

  /**
   * Lists schedules, newest first.
   *
   * @param status only those that stand so: active, paused or deleted
   */
  @GetMapping
  public Page<ScheduleRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(required = false) @Nullable String status,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.page(
        tenantId,
        limit,
        cursor,
        consistentWith,
        new Filter().oneOf("status", status, STATUSES, "status"));
  }

  /** Shows a schedule, its plan and its coming times. */
  @GetMapping("/{scheduleId}")
  public ScheduleAnswer get(
      @RequestAttribute String tenantId,
      @PathVariable String scheduleId,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return wholes.get(tenantId, scheduleId, consistentWith);
  }

  private ScheduleAnswer whole(ResultSet row, int number) throws SQLException {
    ScheduleRow schedule = row(row, number);
    Instant next = schedule.nextDueAt();
    return new ScheduleAnswer(
        schedule,
        row.getString("plan"),
        next == null ? List.of() : dueTimes.from(schedule.cron(), schedule.zone(), next, UPCOMING));
  }

  private static ScheduleRow row(ResultSet row, int number) throws SQLException {
    return new ScheduleRow(
        row.getString("schedule_id"),
        row.getString("name"),
        row.getString("cron"),
        row.getString("zone"),
        row.getString("overlap"),
        row.getInt("queue_max"),
        row.getLong("catch_up_millis"),
        row.getString("workflow_name"),
        row.getString("intent"),
        JsonColumn.readLabels(row.getString("labels")),
        row.getString("budget_id"),
        row.getObject("budget_tokens", Long.class),
        row.getObject("budget_micro_dollars", Long.class),
        row.getString("created_by"),
        row.getString("status"),
        row.getString("paused_because"),
        TimeColumn.read(row, "next_due_at"),
        JsonColumn.readNames(row.getString("running")),
        JsonColumn.readNames(row.getString("waiting")),
        TimeColumn.read(row, "last_scheduled_at"),
        row.getString("last_workflow_id"),
        row.getString("last_end"),
        TimeColumn.read(row, "skipped_from"),
        row.getString("skipped_because"),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}

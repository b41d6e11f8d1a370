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
import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.Row;
import io.agentflow.projections.Rows;
import io.agentflow.projections.TableKey;
import io.agentflow.projections.Tables;
import io.agentflow.projections.TenantReads;
import io.agentflow.projections.TenantRows;
import io.agentflow.projections.TimeColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
public class ScheduleTable {

  public static final Projection<ScheduleEvent> PROJECTION =
      new Projection<>(
          "schedules",
          ScheduleEvent.class,
          ScheduleTable::fold,
          new TableKey("schedules", "schedule_id"));

  private static final List<String> STATUSES = List.of("active", "paused", "deleted");

  /** How many of the coming times are told. */
  private static final int UPCOMING = 5;

  private final DueTimes dueTimes;
  private final TenantRows<ScheduleRow> rows;
  private final TenantRows<ScheduleAnswer> wholes;

  public ScheduleTable(TenantReads reads, DueTimes dueTimes) {
    this.dueTimes = dueTimes;
    this.rows =
        new TenantRows<>(
            reads, PROJECTION, "schedule", ScheduleTable::row, ScheduleRow::createdPosition);
    this.wholes =
        new TenantRows<>(
            reads,
            PROJECTION,
            "schedule",
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

  private static void fold(ScheduleEvent event, Recorded recorded, Tables tables) {
    Rows schedules = tables.rows("schedules");
    if (event instanceof ScheduleCreated created) {
      schedules.add(recorded, row -> fill(row, created), created.scheduleId());
    } else {
      schedules.change(recorded, row -> change(row, event), event.scheduleId());
    }
  }

  private static void fill(Row row, ScheduleCreated created) {
    row.set("name", created.name())
        .set("cron", created.cron())
        .set("zone", created.zone())
        .set("overlap", created.overlap())
        .set("queue_max", created.queueMax())
        .set("catch_up_millis", created.catchUpMillis())
        .set("workflow_name", created.workflowName())
        .set("intent", created.intent())
        .set("labels", created.labels())
        .set("budget_id", created.budgetId())
        .set("budget_tokens", created.budgetTokens())
        .set("budget_micro_dollars", created.budgetMicroDollars())
        .set("plan", created.plan())
        .set("created_by", created.createdBy())
        .set("status", "active")
        .set("next_due_at", created.nextDueAt())
        .set("running", List.of())
        .set("waiting", List.of());
  }

  private static void change(Row row, ScheduleEvent event) {
    switch (event) {
      case ScheduleFired fired ->
          row.append("running", fired.workflowId())
              .remove("waiting", fired.workflowId())
              .set("last_workflow_id", fired.workflowId())
              .set("last_scheduled_at", fired.scheduledAt())
              .set("next_due_at", fired.nextDueAt());
      case FiringQueued queued ->
          row.append("waiting", queued.workflowId()).set("next_due_at", queued.nextDueAt());
      case FiringSkipped skipped ->
          row.set("skipped_from", skipped.fromAt())
              .set("skipped_because", skipped.reason())
              .set("next_due_at", skipped.beforeAt());
      case RunEnded ended -> row.remove("running", ended.workflowId()).set("last_end", ended.end());
      case SchedulePaused paused ->
          row.set("status", "paused")
              .set("paused_because", paused.reason())
              .set("next_due_at", null);
      case ScheduleResumed resumed ->
          row.set("status", "active")
              .set("paused_because", null)
              .set("next_due_at", resumed.nextDueAt());
      case ScheduleDeleted deleted ->
          row.set("status", "deleted")
              .set("paused_because", null)
              .set("next_due_at", null)
              .set("running", List.of())
              .set("waiting", List.of());
      // The row is there before anything else happens.
      case ScheduleCreated created -> {}
    }
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

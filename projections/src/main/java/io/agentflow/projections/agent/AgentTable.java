package io.agentflow.projections.agent;

import io.agentflow.domain.agent.AgentEvent;
import io.agentflow.domain.agent.AgentEvent.AgentActivated;
import io.agentflow.domain.agent.AgentEvent.AgentCameOnline;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.agent.AgentEvent.AgentRetired;
import io.agentflow.domain.agent.AgentEvent.AgentSuspended;
import io.agentflow.domain.agent.AgentEvent.AgentWentOffline;
import io.agentflow.domain.agent.AgentEvent.CapabilitiesChanged;
import io.agentflow.domain.planning.AutonomyMode;
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

/** {@code views.agents}: one row an agent, answering {@code GET /v1/agents}. */
@RestController
@RequestMapping("/v1/agents")
public class AgentTable {

  public static final Projection<AgentEvent> PROJECTION =
      new Projection<>(
          "agents", AgentEvent.class, AgentTable::fold, new TableKey("agents", "agent_id"));

  private static final List<String> STATUSES = List.of("active", "suspended", "retired");

  private final TenantRows<AgentRow> rows;

  public AgentTable(TenantReads reads) {
    this.rows =
        new TenantRows<>(reads, PROJECTION, "agent", AgentTable::row, AgentRow::createdPosition);
  }

  private static void fold(AgentEvent event, Recorded recorded, Tables tables) {
    Rows agents = tables.rows("agents");
    if (event instanceof AgentRegistered registered) {
      agents.add(recorded, row -> fill(row, registered), registered.agentId());
    } else {
      agents.change(recorded, row -> change(row, event), event.agentId());
    }
  }

  private static void fill(Row row, AgentRegistered registered) {
    row.set("name", registered.name())
        .set("role", registered.role())
        .set("model", registered.model())
        .set("tools", registered.tools())
        .set("capabilities", List.of())
        .set("concurrency", 1)
        .set("autonomy", AutonomyMode.FULL_AUTO.word())
        .set("status", "active")
        .set("online", false);
  }

  private static void change(Row row, AgentEvent event) {
    switch (event) {
      case CapabilitiesChanged changed ->
          row.set("capabilities", changed.capabilities())
              .set("tools", changed.tools())
              .set("concurrency", changed.concurrency())
              .set("autonomy", changed.autonomy());
      case AgentSuspended suspended -> stand(row, "suspended", suspended.reason());
      case AgentActivated activated -> stand(row, "active", null);
      case AgentRetired retired -> stand(row, "retired", retired.reason());
      case AgentCameOnline online -> row.set("online", true).set("last_seen_at", online.at());
      case AgentWentOffline offline ->
          row.set("online", false).set("last_seen_at", offline.lastSeenAt());
      // The row is there before anything else happens.
      case AgentRegistered registered -> {}
    }
  }

  private static void stand(Row row, String status, @Nullable String reason) {
    row.set("status", status).set("status_reason", reason);
  }

  /**
   * Lists agents, newest first.
   *
   * @param status only those that stand so: active, suspended or retired
   * @param capability only those that can do this
   * @param asOf as it was at this position of the log, or with the tenant's last entry of this time
   *     or before; without it, as it is
   */
  @GetMapping
  public Page<AgentRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(required = false) @Nullable String status,
      @RequestParam(required = false) @Nullable String capability,
      @RequestParam(required = false) @Nullable String asOf,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.page(
        tenantId,
        limit,
        cursor,
        consistentWith,
        asOf,
        new Filter()
            .oneOf("status", status, STATUSES, "status")
            .contains(capability, "capabilities"));
  }

  /**
   * Shows an agent.
   *
   * @param asOf as it was at this position of the log, or with the tenant's last entry of this time
   *     or before; without it, as it is
   */
  @GetMapping("/{agentId}")
  public AgentRow get(
      @RequestAttribute String tenantId,
      @PathVariable String agentId,
      @RequestParam(required = false) @Nullable String asOf,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.get(tenantId, agentId, consistentWith, asOf);
  }

  private static AgentRow row(ResultSet row, int number) throws SQLException {
    return new AgentRow(
        row.getString("agent_id"),
        row.getString("name"),
        row.getString("role"),
        row.getString("model"),
        JsonColumn.readNames(row.getString("tools")),
        JsonColumn.readNames(row.getString("capabilities")),
        row.getInt("concurrency"),
        row.getString("autonomy"),
        row.getString("status"),
        row.getString("status_reason"),
        row.getBoolean("online"),
        instant(row.getObject("last_seen_at", OffsetDateTime.class)),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}

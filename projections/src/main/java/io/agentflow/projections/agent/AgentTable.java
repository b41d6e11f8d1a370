package io.agentflow.projections.agent;

import io.agentflow.domain.agent.AgentEvent;
import io.agentflow.domain.agent.AgentEvent.AgentActivated;
import io.agentflow.domain.agent.AgentEvent.AgentCameOnline;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.agent.AgentEvent.AgentRetired;
import io.agentflow.domain.agent.AgentEvent.AgentSuspended;
import io.agentflow.domain.agent.AgentEvent.AgentWentOffline;
import io.agentflow.domain.agent.AgentEvent.CapabilitiesChanged;
import io.agentflow.projections.Filter;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.JsonColumn;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.TenantReads;
import io.agentflow.projections.TenantRows;
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

/** {@code views.agents}: one row an agent, answering {@code GET /v1/agents}. */
@RestController
@RequestMapping("/v1/agents")
@ProcessingGroup(AgentTable.PROCESSING_GROUP)
public class AgentTable {

  public static final String PROCESSING_GROUP = "agents";

  private static final List<String> STATUSES = List.of("active", "suspended", "retired");

  private final JdbcClient db;
  private final TenantRows<AgentRow> rows;

  public AgentTable(JdbcClient db, TenantReads reads) {
    this.db = db;
    this.rows =
        new TenantRows<>(
            reads,
            PROCESSING_GROUP,
            "agent",
            "views.agents",
            "agent_id",
            AgentTable::row,
            AgentRow::createdPosition);
  }

  @EventHandler
  void on(AgentEvent event, EventMessage<?> message) {
    Recorded recorded = Recorded.of(message);
    switch (event) {
      case AgentRegistered registered ->
          db.sql(
                  """
                  insert into views.agents (
                    agent_id, tenant_id, name, role, model, tools, status, version, position,
                    created_position, created_at, updated_at)
                  values (
                    :id, :tenantId, :name, :role, :model, cast(:tools as jsonb), 'active', :version,
                    :position, :position, :at, :at)
                  on conflict (agent_id) do nothing
                  """)
              .param("id", registered.agentId())
              .param("tenantId", recorded.tenantId())
              .param("name", registered.name())
              .param("role", registered.role())
              .param("model", registered.model())
              .param("tools", JsonColumn.write(registered.tools()))
              .param("version", recorded.version())
              .param("position", recorded.position())
              .param("at", recorded.at())
              .update();
      case CapabilitiesChanged changed ->
          update(
                  "capabilities = cast(:capabilities as jsonb), tools = cast(:tools as jsonb), "
                      + "concurrency = :concurrency, autonomy = :autonomy",
                  event,
                  recorded)
              .param("capabilities", JsonColumn.write(changed.capabilities()))
              .param("tools", JsonColumn.write(changed.tools()))
              .param("concurrency", changed.concurrency())
              .param("autonomy", changed.autonomy())
              .update();
      case AgentSuspended suspended ->
          update("status = 'suspended', status_reason = :reason", event, recorded)
              .param("reason", suspended.reason())
              .update();
      case AgentActivated activated ->
          update("status = 'active', status_reason = null", event, recorded).update();
      case AgentRetired retired ->
          update("status = 'retired', status_reason = :reason", event, recorded)
              .param("reason", retired.reason())
              .update();
      case AgentCameOnline online ->
          update("online = true, last_seen_at = cast(:seen as timestamptz)", event, recorded)
              .param("seen", online.at())
              .update();
      case AgentWentOffline offline ->
          update("online = false, last_seen_at = cast(:seen as timestamptz)", event, recorded)
              .param("seen", offline.lastSeenAt())
              .update();
    }
  }

  /** Sets absolute values, and what every event moves; a repeated event changes nothing. */
  private StatementSpec update(String columns, AgentEvent event, Recorded recorded) {
    return db.sql(
            """
            update views.agents
            set %s, version = :version, position = :position, updated_at = :at
            where agent_id = :id and version < :version
            """
                .formatted(columns))
        .param("id", event.agentId())
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at());
  }

  @ResetHandler
  void reset() {
    db.sql("truncate views.agents").update();
  }

  /**
   * Lists agents, newest first.
   *
   * @param status only those that stand so: active, suspended or retired
   * @param capability only those that can do this
   */
  @GetMapping
  Page<AgentRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(required = false) @Nullable String status,
      @RequestParam(required = false) @Nullable String capability,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.page(
        tenantId,
        limit,
        cursor,
        consistentWith,
        new Filter()
            .oneOf("status", status, STATUSES, "status")
            .contains(capability, "capabilities"));
  }

  /** Shows an agent. */
  @GetMapping("/{agentId}")
  AgentRow get(
      @RequestAttribute String tenantId,
      @PathVariable String agentId,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.get(tenantId, agentId, consistentWith);
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

package io.agentflow.projections.agent;

import io.agentflow.domain.agent.AgentEvent;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.agent.AgentEvent.AgentRetired;
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

  private final JdbcClient db;
  private final TenantRows<AgentRow> rows;

  public AgentTable(JdbcClient db, Freshness freshness) {
    this.db = db;
    this.rows =
        new TenantRows<>(
            db,
            freshness,
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
      case AgentRetired retired ->
          db.sql(
                  """
                  update views.agents
                  set status = 'retired', version = :version, position = :position, updated_at = :at
                  where agent_id = :id and version < :version
                  """)
              .param("id", retired.agentId())
              .param("version", recorded.version())
              .param("position", recorded.position())
              .param("at", recorded.at())
              .update();
    }
  }

  @ResetHandler
  void reset() {
    db.sql("truncate views.agents").update();
  }

  @GetMapping
  Page<AgentRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String after,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.page(tenantId, limit, after, consistentWith);
  }

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
        row.getString("status"),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}

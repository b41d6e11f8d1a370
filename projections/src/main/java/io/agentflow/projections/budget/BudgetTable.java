package io.agentflow.projections.budget;

import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetEvent.BudgetOpened;
import io.agentflow.domain.budget.BudgetEvent.ReservationReleased;
import io.agentflow.domain.budget.BudgetEvent.ReservationSettled;
import io.agentflow.domain.budget.BudgetEvent.SliceAllocated;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.projections.Freshness;
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
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code views.budgets}: one row a budget, answering {@code GET /v1/budgets}. */
@RestController
@RequestMapping("/v1/budgets")
@ProcessingGroup(BudgetTable.PROCESSING_GROUP)
public class BudgetTable {

  public static final String PROCESSING_GROUP = "budgets";

  private final JdbcClient db;
  private final TenantRows<BudgetRow> rows;

  public BudgetTable(JdbcClient db, Freshness freshness) {
    this.db = db;
    this.rows =
        new TenantRows<>(
            db,
            freshness,
            PROCESSING_GROUP,
            "budget",
            "views.budgets",
            "budget_id",
            BudgetTable::row,
            BudgetRow::createdPosition);
  }

  @EventHandler
  void on(BudgetEvent event, EventMessage<?> message) {
    Recorded recorded = Recorded.of(message);
    switch (event) {
      case BudgetOpened opened -> insert(opened, recorded);
      case SliceAllocated allocated ->
          update("", allocated, recorded)
              .param("remainingTokens", allocated.remainingTokens())
              .param("remainingMicroDollars", allocated.remainingMicroDollars())
              .update();
      case SpendReserved reserved ->
          update("", reserved, recorded)
              .param("remainingTokens", reserved.remainingTokens())
              .param("remainingMicroDollars", reserved.remainingMicroDollars())
              .update();
      case ReservationSettled settled ->
          update(
                  "spent_tokens = :spentTokens, spent_micro_dollars = :spentMicroDollars,",
                  settled,
                  recorded)
              .param("spentTokens", settled.spentTokens())
              .param("spentMicroDollars", settled.spentMicroDollars())
              .param("remainingTokens", settled.remainingTokens())
              .param("remainingMicroDollars", settled.remainingMicroDollars())
              .update();
      case ReservationReleased released ->
          update("", released, recorded)
              .param("remainingTokens", released.remainingTokens())
              .param("remainingMicroDollars", released.remainingMicroDollars())
              .update();
    }
  }

  private void insert(BudgetOpened opened, Recorded recorded) {
    db.sql(
            """
            insert into views.budgets (
              budget_id, tenant_id, name, parent_budget_id, limit_tokens, limit_micro_dollars,
              spent_tokens, spent_micro_dollars, remaining_tokens, remaining_micro_dollars,
              version, position, created_position, created_at, updated_at)
            values (
              :id, :tenantId, :name, :parentId, :limitTokens, :limitMicroDollars, 0, 0,
              :limitTokens, :limitMicroDollars, :version, :position, :position, :at, :at)
            on conflict (budget_id) do nothing
            """)
        .param("id", opened.budgetId())
        .param("tenantId", recorded.tenantId())
        .param("name", opened.name())
        .param("parentId", opened.parentBudgetId())
        .param("limitTokens", opened.limitTokens())
        .param("limitMicroDollars", opened.limitMicroDollars())
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at())
        .update();
  }

  /** The version guards the row: an event that comes again changes nothing. */
  private StatementSpec update(String assignments, BudgetEvent event, Recorded recorded) {
    return db.sql(
            """
            update views.budgets
            set %s remaining_tokens = :remainingTokens,
              remaining_micro_dollars = :remainingMicroDollars,
              version = :version, position = :position, updated_at = :at
            where budget_id = :id and version < :version
            """
                .formatted(assignments))
        .param("id", event.budgetId())
        .param("version", recorded.version())
        .param("position", recorded.position())
        .param("at", recorded.at());
  }

  @ResetHandler
  void reset() {
    db.sql("truncate views.budgets").update();
  }

  @GetMapping
  Page<BudgetRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String after,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.page(tenantId, limit, after, consistentWith);
  }

  @GetMapping("/{budgetId}")
  BudgetRow get(
      @RequestAttribute String tenantId,
      @PathVariable String budgetId,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.get(tenantId, budgetId, consistentWith);
  }

  private static BudgetRow row(ResultSet row, int number) throws SQLException {
    return new BudgetRow(
        row.getString("budget_id"),
        row.getString("name"),
        row.getString("parent_budget_id"),
        row.getLong("limit_tokens"),
        row.getLong("limit_micro_dollars"),
        row.getLong("spent_tokens"),
        row.getLong("spent_micro_dollars"),
        row.getLong("remaining_tokens"),
        row.getLong("remaining_micro_dollars"),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }
}

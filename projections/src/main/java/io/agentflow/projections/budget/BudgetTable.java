package io.agentflow.projections.budget;

import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetEvent.BudgetClosed;
import io.agentflow.domain.budget.BudgetEvent.BudgetExhausted;
import io.agentflow.domain.budget.BudgetEvent.BudgetOpened;
import io.agentflow.domain.budget.BudgetEvent.LimitChanged;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.ReservationReleased;
import io.agentflow.domain.budget.BudgetEvent.ReservationSettled;
import io.agentflow.domain.budget.BudgetEvent.RoomMade;
import io.agentflow.domain.budget.BudgetEvent.SliceAllocated;
import io.agentflow.domain.budget.BudgetEvent.SliceChanged;
import io.agentflow.domain.budget.BudgetEvent.SliceReturned;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetEvent.TermsSet;
import io.agentflow.domain.budget.BudgetEvent.ThresholdCrossed;
import io.agentflow.projections.Filter;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.TenantReads;
import io.agentflow.projections.TenantRows;
import java.sql.ResultSet;
import java.sql.SQLException;
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

/** {@code views.budgets}: one row a budget, answering {@code GET /v1/budgets}. */
@RestController
@RequestMapping("/v1/budgets")
@ProcessingGroup(BudgetTable.PROCESSING_GROUP)
public class BudgetTable {

  public static final String PROCESSING_GROUP = "budgets";

  private static final List<String> STATUSES = List.of("open", "exhausted", "closed");

  /** As {@link #status} tells it of a row. */
  private static final String STATUS =
      """
      case
        when closed then 'closed'
        when reserved_tokens + spent_tokens >= limit_tokens
          or reserved_micro_dollars + spent_micro_dollars >= limit_micro_dollars then 'exhausted'
        else 'open'
      end""";

  private static final String REMAINING =
      "remaining_tokens = :remainingTokens, remaining_micro_dollars = :remainingMicroDollars,";

  /** Nothing else changes when a slice is given something, so what is gone now was allocated. */
  private static final String ALLOCATED_IS_THE_REST =
      """
      allocated_tokens = limit_tokens - reserved_tokens - spent_tokens - :remainingTokens,
      allocated_micro_dollars =
        limit_micro_dollars - reserved_micro_dollars - spent_micro_dollars - :remainingMicroDollars,
      """
          + REMAINING;

  private final JdbcClient db;
  private final TenantRows<BudgetRow> rows;

  public BudgetTable(JdbcClient db, TenantReads reads) {
    this.db = db;
    this.rows =
        new TenantRows<>(
            reads,
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
      case TermsSet set ->
          update(
                  """
                  soft_limit_tokens = :softTokens, soft_limit_micro_dollars = :softMicroDollars,
                  period = :period, period_end = cast(:periodEnd as timestamptz),
                  """,
                  set,
                  recorded)
              .param("softTokens", set.softLimitTokens())
              .param("softMicroDollars", set.softLimitMicroDollars())
              .param("period", set.period())
              .param("periodEnd", set.periodEnd())
              .update();
      case LimitChanged changed ->
          update(
                  """
                  limit_tokens = :limitTokens, limit_micro_dollars = :limitMicroDollars,
                  soft_limit_tokens = :softTokens, soft_limit_micro_dollars = :softMicroDollars,
                  """
                      + REMAINING,
                  changed,
                  recorded)
              .param("limitTokens", changed.limitTokens())
              .param("limitMicroDollars", changed.limitMicroDollars())
              .param("softTokens", changed.softLimitTokens())
              .param("softMicroDollars", changed.softLimitMicroDollars())
              .param("remainingTokens", changed.remainingTokens())
              .param("remainingMicroDollars", changed.remainingMicroDollars())
              .update();
      case PeriodRolled rolled ->
          update(
                  """
                  spent_tokens = 0, spent_micro_dollars = 0,
                  period_end = cast(:periodEnd as timestamptz),
                  """
                      + REMAINING,
                  rolled,
                  recorded)
              .param("periodEnd", rolled.periodEnd())
              .param("remainingTokens", rolled.remainingTokens())
              .param("remainingMicroDollars", rolled.remainingMicroDollars())
              .update();
      case SliceAllocated allocated ->
          update(ALLOCATED_IS_THE_REST, allocated, recorded)
              .param("remainingTokens", allocated.remainingTokens())
              .param("remainingMicroDollars", allocated.remainingMicroDollars())
              .update();
      case SliceChanged changed ->
          update(ALLOCATED_IS_THE_REST, changed, recorded)
              .param("remainingTokens", changed.remainingTokens())
              .param("remainingMicroDollars", changed.remainingMicroDollars())
              .update();
      case SliceReturned returned ->
          update(
                  """
                  allocated_tokens = allocated_tokens - :tokens,
                  allocated_micro_dollars = allocated_micro_dollars - :microDollars,
                  spent_tokens = :spentTokens, spent_micro_dollars = :spentMicroDollars,
                  """
                      + REMAINING,
                  returned,
                  recorded)
              .param("tokens", returned.allocatedTokens())
              .param("microDollars", returned.allocatedMicroDollars())
              .param("spentTokens", returned.spentTokens())
              .param("spentMicroDollars", returned.spentMicroDollars())
              .param("remainingTokens", returned.remainingTokens())
              .param("remainingMicroDollars", returned.remainingMicroDollars())
              .update();
      case SpendReserved reserved ->
          update(
                  """
                  reserved_tokens = reserved_tokens + :tokens,
                  reserved_micro_dollars = reserved_micro_dollars + :microDollars,
                  """
                      + REMAINING,
                  reserved,
                  recorded)
              .param("tokens", reserved.tokens())
              .param("microDollars", reserved.microDollars())
              .param("remainingTokens", reserved.remainingTokens())
              .param("remainingMicroDollars", reserved.remainingMicroDollars())
              .update();
      case ReservationSettled settled ->
          update(
                  """
                  reserved_tokens = reserved_tokens - :tokens,
                  reserved_micro_dollars = reserved_micro_dollars - :microDollars,
                  spent_tokens = :spentTokens, spent_micro_dollars = :spentMicroDollars,
                  """
                      + REMAINING,
                  settled,
                  recorded)
              .param("tokens", settled.reservedTokens())
              .param("microDollars", settled.reservedMicroDollars())
              .param("spentTokens", settled.spentTokens())
              .param("spentMicroDollars", settled.spentMicroDollars())
              .param("remainingTokens", settled.remainingTokens())
              .param("remainingMicroDollars", settled.remainingMicroDollars())
              .update();
      case ReservationReleased released ->
          update(
                  """
                  reserved_tokens = reserved_tokens - :tokens,
                  reserved_micro_dollars = reserved_micro_dollars - :microDollars,
                  """
                      + REMAINING,
                  released,
                  recorded)
              .param("tokens", released.tokens())
              .param("microDollars", released.microDollars())
              .param("remainingTokens", released.remainingTokens())
              .param("remainingMicroDollars", released.remainingMicroDollars())
              .update();
      case BudgetClosed closed -> update("closed = true,", closed, recorded).update();
      case RoomMade room -> update("", room, recorded).update();
      case ReservationRefused refused -> update("", refused, recorded).update();
      case ThresholdCrossed crossed -> update("", crossed, recorded).update();
      case BudgetExhausted exhausted -> update("", exhausted, recorded).update();
    }
  }

  private void insert(BudgetOpened opened, Recorded recorded) {
    db.sql(
            """
            insert into views.budgets (
              budget_id, tenant_id, name, parent_budget_id, limit_tokens, limit_micro_dollars,
              allocated_tokens, allocated_micro_dollars, reserved_tokens, reserved_micro_dollars,
              spent_tokens, spent_micro_dollars, remaining_tokens, remaining_micro_dollars,
              period, closed, version, position, created_position, created_at, updated_at)
            values (
              :id, :tenantId, :name, :parentId, :limitTokens, :limitMicroDollars, 0, 0, 0, 0, 0, 0,
              :limitTokens, :limitMicroDollars, 'none', false,
              :version, :position, :position, :at, :at)
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
            set %s version = :version, position = :position, updated_at = :at
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

  /**
   * Lists budgets, newest first.
   *
   * @param status only those that stand so: open, exhausted or closed
   */
  @GetMapping
  Page<BudgetRow> list(
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
        new Filter().oneOf("status", status, STATUSES, STATUS));
  }

  /** Shows a budget. */
  @GetMapping("/{budgetId}")
  BudgetRow get(
      @RequestAttribute String tenantId,
      @PathVariable String budgetId,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.get(tenantId, budgetId, consistentWith);
  }

  private static BudgetRow row(ResultSet row, int number) throws SQLException {
    Spend limit = new Spend(row.getLong("limit_tokens"), row.getLong("limit_micro_dollars"));
    Spend reserved =
        new Spend(row.getLong("reserved_tokens"), row.getLong("reserved_micro_dollars"));
    Spend spent = new Spend(row.getLong("spent_tokens"), row.getLong("spent_micro_dollars"));
    OffsetDateTime periodEnd = row.getObject("period_end", OffsetDateTime.class);
    return new BudgetRow(
        row.getString("budget_id"),
        row.getString("name"),
        row.getString("parent_budget_id"),
        status(row.getBoolean("closed"), reserved.plus(spent), limit),
        limit.tokens(),
        limit.microDollars(),
        row.getObject("soft_limit_tokens", Long.class),
        row.getObject("soft_limit_micro_dollars", Long.class),
        row.getString("period"),
        periodEnd == null ? null : periodEnd.toInstant(),
        row.getLong("allocated_tokens"),
        row.getLong("allocated_micro_dollars"),
        reserved.tokens(),
        reserved.microDollars(),
        spent.tokens(),
        spent.microDollars(),
        row.getLong("remaining_tokens"),
        row.getLong("remaining_micro_dollars"),
        row.getLong("version"),
        row.getLong("position"),
        row.getLong("created_position"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  /** Computed from the amounts, since nothing is told when a budget ceases to be exhausted. */
  private static String status(boolean closed, Spend used, Spend limit) {
    if (closed) {
      return "closed";
    }
    return used.hasReached(100, limit) ? "exhausted" : "open";
  }
}

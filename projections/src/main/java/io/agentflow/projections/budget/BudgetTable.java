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

/** {@code views.budgets}: one row a budget, answering {@code GET /v1/budgets}. */
@RestController
@RequestMapping("/v1/budgets")
public class BudgetTable {

  public static final Projection<BudgetEvent> PROJECTION =
      new Projection<>(
          "budgets", BudgetEvent.class, BudgetTable::fold, new TableKey("budgets", "budget_id"));

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

  private final TenantRows<BudgetRow> rows;

  public BudgetTable(TenantReads reads) {
    this.rows =
        new TenantRows<>(reads, PROJECTION, "budget", BudgetTable::row, BudgetRow::createdPosition);
  }

  private static void fold(BudgetEvent event, Recorded recorded, Tables tables) {
    Rows budgets = tables.rows("budgets");
    if (event instanceof BudgetOpened opened) {
      budgets.add(recorded, row -> fill(row, opened), opened.budgetId());
    } else {
      budgets.change(recorded, row -> change(row, event), event.budgetId());
    }
  }

  private static void fill(Row row, BudgetOpened opened) {
    row.set("name", opened.name())
        .set("parent_budget_id", opened.parentBudgetId())
        .set("period", "none")
        .set("closed", false);
    limit(row, opened.limitTokens(), opened.limitMicroDollars());
    allocated(row, 0, 0);
    reserved(row, 0, 0);
    spent(row, 0, 0);
    remaining(row, opened.limitTokens(), opened.limitMicroDollars());
  }

  private static void change(Row row, BudgetEvent event) {
    switch (event) {
      case TermsSet set -> {
        softLimit(row, set.softLimitTokens(), set.softLimitMicroDollars());
        row.set("period", set.period()).set("period_end", set.periodEnd());
      }
      case LimitChanged changed -> {
        limit(row, changed.limitTokens(), changed.limitMicroDollars());
        softLimit(row, changed.softLimitTokens(), changed.softLimitMicroDollars());
        remaining(row, changed.remainingTokens(), changed.remainingMicroDollars());
      }
      case PeriodRolled rolled -> {
        row.set("period_end", rolled.periodEnd());
        spent(row, 0, 0);
        remaining(row, rolled.remainingTokens(), rolled.remainingMicroDollars());
      }
      case SliceAllocated allocated ->
          allocatedIsTheRest(row, allocated.remainingTokens(), allocated.remainingMicroDollars());
      case SliceChanged changed ->
          allocatedIsTheRest(row, changed.remainingTokens(), changed.remainingMicroDollars());
      case SliceReturned returned -> {
        row.add("allocated_tokens", -returned.allocatedTokens())
            .add("allocated_micro_dollars", -returned.allocatedMicroDollars());
        spent(row, returned.spentTokens(), returned.spentMicroDollars());
        remaining(row, returned.remainingTokens(), returned.remainingMicroDollars());
      }
      case SpendReserved reserved -> {
        row.add("reserved_tokens", reserved.tokens())
            .add("reserved_micro_dollars", reserved.microDollars());
        remaining(row, reserved.remainingTokens(), reserved.remainingMicroDollars());
      }
      case ReservationSettled settled -> {
        row.add("reserved_tokens", -settled.reservedTokens())
            .add("reserved_micro_dollars", -settled.reservedMicroDollars());
        spent(row, settled.spentTokens(), settled.spentMicroDollars());
        remaining(row, settled.remainingTokens(), settled.remainingMicroDollars());
      }
      case ReservationReleased released -> {
        row.add("reserved_tokens", -released.tokens())
            .add("reserved_micro_dollars", -released.microDollars());
        remaining(row, released.remainingTokens(), released.remainingMicroDollars());
      }
      case BudgetClosed closed -> row.set("closed", true);
      // Only when it was last heard of; a budget's row is there before anything else happens.
      case RoomMade _,
          ReservationRefused _,
          ThresholdCrossed _,
          BudgetExhausted _,
          BudgetOpened _ -> {}
    }
  }

  /** Nothing else changes when a slice is given something, so what is gone now was allocated. */
  private static void allocatedIsTheRest(Row row, long tokens, long microDollars) {
    allocated(
        row,
        row.number("limit_tokens")
            - row.number("reserved_tokens")
            - row.number("spent_tokens")
            - tokens,
        row.number("limit_micro_dollars")
            - row.number("reserved_micro_dollars")
            - row.number("spent_micro_dollars")
            - microDollars);
    remaining(row, tokens, microDollars);
  }

  private static void limit(Row row, long tokens, long microDollars) {
    row.set("limit_tokens", tokens).set("limit_micro_dollars", microDollars);
  }

  private static void softLimit(Row row, @Nullable Long tokens, @Nullable Long microDollars) {
    row.set("soft_limit_tokens", tokens).set("soft_limit_micro_dollars", microDollars);
  }

  private static void allocated(Row row, long tokens, long microDollars) {
    row.set("allocated_tokens", tokens).set("allocated_micro_dollars", microDollars);
  }

  private static void reserved(Row row, long tokens, long microDollars) {
    row.set("reserved_tokens", tokens).set("reserved_micro_dollars", microDollars);
  }

  private static void spent(Row row, long tokens, long microDollars) {
    row.set("spent_tokens", tokens).set("spent_micro_dollars", microDollars);
  }

  private static void remaining(Row row, long tokens, long microDollars) {
    row.set("remaining_tokens", tokens).set("remaining_micro_dollars", microDollars);
  }

  /**
   * Lists budgets, newest first.
   *
   * @param status only those that stand so: open, exhausted or closed
   * @param asOf as it was at this position of the log, or with the tenant's last entry of this time
   *     or before; without it, as it is
   */
  @GetMapping
  public Page<BudgetRow> list(
      @RequestAttribute String tenantId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(required = false) @Nullable String status,
      @RequestParam(required = false) @Nullable String asOf,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.page(
        tenantId,
        limit,
        cursor,
        consistentWith,
        asOf,
        new Filter().oneOf("status", status, STATUSES, STATUS));
  }

  /**
   * Shows a budget.
   *
   * @param asOf as it was at this position of the log, or with the tenant's last entry of this time
   *     or before; without it, as it is
   */
  @GetMapping("/{budgetId}")
  public BudgetRow get(
      @RequestAttribute String tenantId,
      @PathVariable String budgetId,
      @RequestParam(required = false) @Nullable String asOf,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    return rows.get(tenantId, budgetId, consistentWith, asOf);
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

package io.agentflow.domain.budget;

import static java.util.Objects.requireNonNull;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget.Open;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.RollPeriod;
import io.agentflow.domain.budget.BudgetEvent.LimitChanged;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetRejection.LimitTooLow;
import io.agentflow.domain.budget.BudgetRejection.NeverRolls;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How much a budget may give out, and from when on it counts. */
final class Limits {

  private Limits() {}

  static Decision<BudgetEvent, BudgetRejection> change(ChangeLimit command, Open budget) {
    Balance balance = budget.balance();
    Spend limit = command.limit();
    Spend soft = command.softLimit();
    if (limit.equals(balance.limit()) && Objects.equals(soft, balance.softLimit())) {
      return Decision.alreadySo();
    }
    Spend inUse = balance.inUse();
    if (!inUse.isWithin(limit)) {
      return Decision.reject(
          new LimitTooLow(
              limit.tokens(), inUse.tokens(), limit.microDollars(), inUse.microDollars()));
    }
    Spend remaining = limit.minus(inUse);
    return Decision.accept(
        new LimitChanged(
            command.budgetId().value(),
            limit.tokens(),
            limit.microDollars(),
            soft == null ? null : soft.tokens(),
            soft == null ? null : soft.microDollars(),
            remaining.tokens(),
            remaining.microDollars(),
            List.of()));
  }

  static Decision<BudgetEvent, BudgetRejection> roll(RollPeriod command, Open budget) {
    Instant nextRollAt = budget.nextRollAt();
    if (nextRollAt == null) {
      return Decision.reject(new NeverRolls(command.budgetId().value()));
    }
    if (command.at().isBefore(nextRollAt)) {
      return Decision.alreadySo();
    }
    BudgetTerms terms = budget.terms();
    BudgetPeriod.Span period = terms.period().around(command.at(), ZoneId.of(terms.zone()));
    Spend spent = budget.balance().spent();
    Spend remaining = budget.remaining().plus(spent);
    return Decision.accept(
        new PeriodRolled(
            command.budgetId().value(),
            period.start().toString(),
            period.end().toString(),
            spent.tokens(),
            spent.microDollars(),
            remaining.tokens(),
            remaining.microDollars(),
            List.of()));
  }

  /** The soft limit that an event names in two fields, or in none. */
  static @Nullable Spend soft(@Nullable Long tokens, @Nullable Long microDollars) {
    return tokens == null ? null : new Spend(tokens, requireNonNull(microDollars));
  }
}

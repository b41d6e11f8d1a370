package io.agentflow.domain.budget;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget.Open;
import io.agentflow.domain.budget.Budget.Reservation;
import io.agentflow.domain.budget.Budget.Slice;
import io.agentflow.domain.budget.BudgetCommand.CloseBudget;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetEvent.BudgetClosed;
import io.agentflow.domain.budget.BudgetEvent.BudgetOpened;
import io.agentflow.domain.budget.BudgetEvent.TermsSet;
import io.agentflow.domain.budget.BudgetRejection.DifferentBudgetExists;
import io.agentflow.domain.budget.BudgetRejection.StillInUse;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** How a budget begins and ends. */
final class OpenAndClose {

  private OpenAndClose() {}

  static Decision<BudgetEvent, BudgetRejection> open(OpenBudget command) {
    BudgetOpened opened = opened(command);
    return command.terms().equals(BudgetTerms.DEFAULT)
        ? Decision.accept(opened)
        : new Accepted<>(List.of(opened, termsSet(command)));
  }

  static Decision<BudgetEvent, BudgetRejection> openAgain(OpenBudget command, Open budget) {
    return budget.description().equals(opened(command)) && budget.terms().equals(command.terms())
        ? Decision.alreadySo()
        : Decision.reject(new DifferentBudgetExists(command.budgetId().value()));
  }

  private static BudgetOpened opened(OpenBudget command) {
    return new BudgetOpened(
        command.budgetId().value(),
        command.name(),
        command.parentBudgetId() == null ? null : command.parentBudgetId().value(),
        command.limit().tokens(),
        command.limit().microDollars());
  }

  private static TermsSet termsSet(OpenBudget command) {
    BudgetTerms terms = command.terms();
    Spend soft = terms.softLimit();
    BudgetPeriod.Span period =
        terms.period() == BudgetPeriod.NONE || command.at() == null
            ? null
            : terms.period().around(command.at(), ZoneId.of(terms.zone()));
    return new TermsSet(
        command.budgetId().value(),
        soft == null ? null : soft.tokens(),
        soft == null ? null : soft.microDollars(),
        terms.thresholdsPercent(),
        terms.period().word(),
        terms.zone(),
        period == null ? null : period.start().toString(),
        period == null ? null : period.end().toString());
  }

  /** What was given out has to have come back: else it would be in no budget. */
  static Decision<BudgetEvent, BudgetRejection> close(CloseBudget command, Open budget) {
    int held =
        count(
            budget.reservations().asMap(), reservation -> reservation instanceof Reservation.Held);
    int openSlices = count(budget.slices().asMap(), slice -> slice instanceof Slice.Allocated);
    if (held > 0 || openSlices > 0) {
      return Decision.reject(new StillInUse(command.budgetId().value(), held, openSlices));
    }
    Balance balance = budget.balance();
    return Decision.accept(
        new BudgetClosed(
            command.budgetId().value(),
            budget.description().parentBudgetId(),
            balance.limit().tokens(),
            balance.limit().microDollars(),
            balance.spent().tokens(),
            balance.spent().microDollars()));
  }

  private static <V> int count(Map<String, V> map, Predicate<V> which) {
    return Math.toIntExact(map.values().stream().filter(which).count());
  }
}

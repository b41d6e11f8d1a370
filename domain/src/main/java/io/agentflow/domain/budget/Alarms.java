package io.agentflow.domain.budget;

import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget.Open;
import io.agentflow.domain.budget.BudgetEvent.BudgetExhausted;
import io.agentflow.domain.budget.BudgetEvent.ThresholdCrossed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What was told of a budget that comes to its limits, and still holds. Each is told when it is
 * reached, and again only after the budget was below it.
 *
 * @param soft the soft limit
 * @param percents parts of the hard limit
 * @param exhausted the hard limit itself
 */
public record Alarms(boolean soft, Set<Integer> percents, boolean exhausted) {

  static final Alarms NONE = new Alarms(false, Set.of(), false);

  private static final String SOFT = "soft";
  private static final String HARD = "hard";

  public Alarms {
    percents = Set.copyOf(percents);
  }

  /** Those that are to be told now. */
  List<BudgetEvent> due(Open open) {
    List<BudgetEvent> due = new ArrayList<>();
    Balance balance = open.balance();
    Spend used = balance.used();
    Spend softLimit = balance.softLimit();
    if (!soft && softLimit != null && isAboveSoft(balance)) {
      due.add(crossed(open, SOFT, 100, softLimit));
    }
    for (int percent : open.terms().thresholdsPercent()) {
      if (!percents.contains(percent) && used.hasReached(percent, balance.limit())) {
        due.add(crossed(open, HARD, percent, balance.limit()));
      }
    }
    if (!exhausted && used.hasReached(100, balance.limit())) {
      due.add(
          new BudgetExhausted(
              open.description().budgetId(),
              balance.limit().tokens(),
              balance.limit().microDollars(),
              used.tokens(),
              used.microDollars()));
    }
    return due;
  }

  private static ThresholdCrossed crossed(Open open, String kind, int percent, Spend limit) {
    Spend used = open.balance().used();
    return new ThresholdCrossed(
        open.description().budgetId(),
        kind,
        percent,
        limit.tokens(),
        limit.microDollars(),
        used.tokens(),
        used.microDollars());
  }

  /** Soft limits are passed, not reached: what may be used may be used up. */
  private static boolean isAboveSoft(Balance balance) {
    Spend softLimit = balance.softLimit();
    return softLimit != null && !balance.used().isWithin(softLimit);
  }

  Alarms and(ThresholdCrossed crossed) {
    if (crossed.kind().equals(SOFT)) {
      return new Alarms(true, percents, exhausted);
    }
    Set<Integer> more = new HashSet<>(percents);
    more.add(crossed.percent());
    return new Alarms(soft, more, exhausted);
  }

  Alarms and(BudgetExhausted nowExhausted) {
    return new Alarms(soft, percents, true);
  }

  /** Without those that the balance is below. */
  Alarms stillHolding(Balance balance) {
    if (equals(NONE)) {
      return this;
    }
    Set<Integer> holding = new HashSet<>(percents);
    holding.removeIf(percent -> !balance.used().hasReached(percent, balance.limit()));
    return new Alarms(
        soft && isAboveSoft(balance),
        holding,
        exhausted && balance.used().hasReached(100, balance.limit()));
  }
}

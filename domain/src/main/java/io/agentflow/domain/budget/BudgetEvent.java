package io.agentflow.domain.budget;

import io.agentflow.domain.EventName;
import org.jspecify.annotations.Nullable;

/**
 * What became true of a budget. These records and their components are the storage format: they are
 * hashed into the log and have to load for ever. Change nothing here; add a version.
 *
 * <p>What remains is the limit without what is allocated, reserved and spent, after the event.
 */
public sealed interface BudgetEvent {

  String budgetId();

  @EventName("budget.opened")
  record BudgetOpened(
      String budgetId,
      String name,
      @Nullable String parentBudgetId,
      long limitTokens,
      long limitMicroDollars)
      implements BudgetEvent {}

  @EventName("budget.allocated")
  record SliceAllocated(
      String budgetId,
      String sliceId,
      String name,
      @Nullable String workflowId,
      long tokens,
      long microDollars,
      long remainingTokens,
      long remainingMicroDollars)
      implements BudgetEvent {}

  @EventName("budget.reserved")
  record SpendReserved(
      String budgetId,
      String reservationId,
      long tokens,
      long microDollars,
      long remainingTokens,
      long remainingMicroDollars)
      implements BudgetEvent {}

  /** Tokens and micro-dollars are what was truly used; the spent ones are the budget's sums. */
  @EventName("budget.settled")
  record ReservationSettled(
      String budgetId,
      String reservationId,
      long reservedTokens,
      long reservedMicroDollars,
      long tokens,
      long microDollars,
      long spentTokens,
      long spentMicroDollars,
      long remainingTokens,
      long remainingMicroDollars)
      implements BudgetEvent {}

  @EventName("budget.released")
  record ReservationReleased(
      String budgetId,
      String reservationId,
      long tokens,
      long microDollars,
      long remainingTokens,
      long remainingMicroDollars)
      implements BudgetEvent {}
}

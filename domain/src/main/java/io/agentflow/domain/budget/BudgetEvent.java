package io.agentflow.domain.budget;

import io.agentflow.domain.EventName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became true of a budget. These records and their components are the storage format: they are
 * hashed into the log and have to load for ever. Change nothing here; add a version.
 *
 * <p>What remains is the limit without what is allocated, reserved and spent, after the event.
 * Waiting workflows named those that may try again, before {@link RoomMade} told that; none are
 * named any more.
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

  /** A reservation of which nothing was used is over; of nothing, where it had been refused. */
  @EventName("budget.released")
  record ReservationReleased(
      String budgetId,
      String reservationId,
      long tokens,
      long microDollars,
      long remainingTokens,
      long remainingMicroDollars)
      implements BudgetEvent {}

  /**
   * On which terms it was opened, told beside {@code budget.opened} where they are not the usual
   * ones. Instants are in ISO 8601; a budget without period has none.
   *
   * @param period the word of a {@link BudgetPeriod}
   */
  @EventName("budget.terms-set")
  record TermsSet(
      String budgetId,
      @Nullable Long softLimitTokens,
      @Nullable Long softLimitMicroDollars,
      List<Integer> thresholdsPercent,
      String period,
      String zone,
      @Nullable String periodStart,
      @Nullable String periodEnd)
      implements BudgetEvent {
    public TermsSet {
      thresholdsPercent = List.copyOf(thresholdsPercent);
    }
  }

  /** The limits that hold from now on; no soft one is none. */
  @EventName("budget.limit-changed")
  record LimitChanged(
      String budgetId,
      long limitTokens,
      long limitMicroDollars,
      @Nullable Long softLimitTokens,
      @Nullable Long softLimitMicroDollars,
      long remainingTokens,
      long remainingMicroDollars,
      List<String> waitingWorkflowIds)
      implements BudgetEvent {
    public LimitChanged {
      waitingWorkflowIds = List.copyOf(waitingWorkflowIds);
    }
  }

  /**
   * What is reserved and spent has come to a part of a limit; told again only after it was below.
   *
   * @param kind {@code hard} or {@code soft}: which limit
   * @param percent of that limit; of the soft one always 100
   */
  @EventName("budget.threshold-crossed")
  record ThresholdCrossed(
      String budgetId,
      String kind,
      int percent,
      long limitTokens,
      long limitMicroDollars,
      long usedTokens,
      long usedMicroDollars)
      implements BudgetEvent {}

  /** What is reserved and spent has come to the limit, in at least one currency. */
  @EventName("budget.exhausted")
  record BudgetExhausted(
      String budgetId,
      long limitTokens,
      long limitMicroDollars,
      long usedTokens,
      long usedMicroDollars)
      implements BudgetEvent {}

  /**
   * A new period has begun, in which nothing is spent yet; reservations stay held. Periods in which
   * nobody looked are passed over.
   *
   * @param spentTokens what the period that ended had spent, likewise in micro-dollars
   * @param periodEnd when it will roll next
   */
  @EventName("budget.period-rolled")
  record PeriodRolled(
      String budgetId,
      String periodStart,
      String periodEnd,
      long spentTokens,
      long spentMicroDollars,
      long remainingTokens,
      long remainingMicroDollars,
      List<String> waitingWorkflowIds)
      implements BudgetEvent {
    public PeriodRolled {
      waitingWorkflowIds = List.copyOf(waitingWorkflowIds);
    }
  }

  /** What a step asked for did not fit: it waits. */
  @EventName("budget.reservation-refused")
  record ReservationRefused(
      String budgetId,
      String workflowId,
      String reservationId,
      long requestedTokens,
      long requestedMicroDollars,
      long remainingTokens,
      long remainingMicroDollars)
      implements BudgetEvent {}

  /**
   * There is room for steps that wait, whatever made it: they may ask again, under the ids of their
   * next attempts. Told behind what made the room; who has waited longest comes first.
   *
   * @param reservationIds of the attempts that were refused
   */
  @EventName("budget.room-made")
  record RoomMade(
      String budgetId,
      long remainingTokens,
      long remainingMicroDollars,
      List<String> reservationIds)
      implements BudgetEvent {
    public RoomMade {
      reservationIds = List.copyOf(reservationIds);
    }
  }

  /** A slice has another amount from now on; told beside the slice's own change of its limit. */
  @EventName("budget.slice-changed")
  record SliceChanged(
      String budgetId,
      String sliceId,
      long tokens,
      long microDollars,
      long remainingTokens,
      long remainingMicroDollars,
      List<String> waitingWorkflowIds)
      implements BudgetEvent {
    public SliceChanged {
      waitingWorkflowIds = List.copyOf(waitingWorkflowIds);
    }
  }

  /**
   * A slice was closed. What it had is no longer allocated; what it used is spent here.
   *
   * @param spentTokens the budget's sum, with what the slice used
   */
  @EventName("budget.returned")
  record SliceReturned(
      String budgetId,
      String sliceId,
      long allocatedTokens,
      long allocatedMicroDollars,
      long usedTokens,
      long usedMicroDollars,
      long spentTokens,
      long spentMicroDollars,
      long remainingTokens,
      long remainingMicroDollars,
      List<String> waitingWorkflowIds)
      implements BudgetEvent {
    public SliceReturned {
      waitingWorkflowIds = List.copyOf(waitingWorkflowIds);
    }
  }

  /** Nothing more is given out. The spent ones are of the last period. */
  @EventName("budget.closed")
  record BudgetClosed(
      String budgetId,
      @Nullable String parentBudgetId,
      long limitTokens,
      long limitMicroDollars,
      long spentTokens,
      long spentMicroDollars)
      implements BudgetEvent {}
}

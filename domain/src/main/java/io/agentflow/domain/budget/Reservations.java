package io.agentflow.domain.budget;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Rejected;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget.Open;
import io.agentflow.domain.budget.Budget.Reservation;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveForStep;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.ReservationReleased;
import io.agentflow.domain.budget.BudgetEvent.ReservationSettled;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import io.agentflow.domain.budget.BudgetRejection.ReservationClosed;
import io.agentflow.domain.budget.BudgetRejection.ReservationDiffers;
import io.agentflow.domain.budget.BudgetRejection.SettledDifferently;
import io.agentflow.domain.budget.BudgetRejection.SpentTooLarge;
import io.agentflow.domain.budget.BudgetRejection.UnknownReservation;

/** Amounts set aside before work starts, and what becomes of them. */
final class Reservations {

  private Reservations() {}

  static Decision<BudgetEvent, BudgetRejection> reserve(ReserveSpend command, Open budget) {
    Reservation before = budget.reservations().get(command.reservationId());
    if (before != null && !(before instanceof Reservation.Refused)) {
      return before.amount().equals(command.amount())
          ? Decision.alreadySo()
          : Decision.reject(new ReservationDiffers(command.reservationId()));
    }
    if (!command.amount().isWithin(budget.remaining())) {
      return Decision.reject(exceeded(command.amount(), budget));
    }
    Spend remaining = budget.remaining().minus(command.amount());
    return Decision.accept(
        new SpendReserved(
            command.budgetId().value(),
            command.reservationId(),
            command.amount().tokens(),
            command.amount().microDollars(),
            remaining.tokens(),
            remaining.microDollars()));
  }

  /** As any reservation; only that what does not fit is recorded. An attempt asks once. */
  static Decision<BudgetEvent, BudgetRejection> reserve(ReserveForStep command, Open budget) {
    if (budget.reservations().get(command.reservationId())
        instanceof Reservation.Refused(Spend asked)) {
      return asked.equals(command.amount())
          ? Decision.alreadySo()
          : Decision.reject(new ReservationDiffers(command.reservationId()));
    }
    Decision<BudgetEvent, BudgetRejection> decision =
        reserve(
            new ReserveSpend(command.budgetId(), command.reservationId(), command.amount()),
            budget);
    if (!(decision instanceof Rejected<?, BudgetRejection>(LimitExceeded exceeded))) {
      return decision;
    }
    return Decision.accept(
        new ReservationRefused(
            command.budgetId().value(),
            command.workflowId().value(),
            command.reservationId(),
            exceeded.requestedTokens(),
            exceeded.requestedMicroDollars(),
            exceeded.remainingTokens(),
            exceeded.remainingMicroDollars()));
  }

  static Decision<BudgetEvent, BudgetRejection> settle(SettleReservation command, Open budget) {
    return switch (budget.reservations().get(command.reservationId())) {
      case null -> Decision.reject(new UnknownReservation(command.reservationId()));
      case Reservation.Refused refused ->
          Decision.reject(new UnknownReservation(command.reservationId()));
      case Reservation.Released released ->
          Decision.reject(new ReservationClosed(command.reservationId(), "released"));
      case Reservation.Settled settled when settled.used().equals(command.used()) ->
          Decision.alreadySo();
      case Reservation.Settled settled ->
          Decision.reject(new SettledDifferently(command.reservationId()));
      case Reservation.Held held -> {
        Balance balance = budget.balance();
        Balance after =
            balance
                .withReserved(balance.reserved().minus(held.amount()))
                .withSpent(balance.spent().plus(command.used()));
        yield after.inUse().isTooLargeForJson()
            ? Decision.reject(new SpentTooLarge())
            : Decision.accept(
                new ReservationSettled(
                    command.budgetId().value(),
                    command.reservationId(),
                    held.amount().tokens(),
                    held.amount().microDollars(),
                    command.used().tokens(),
                    command.used().microDollars(),
                    after.spent().tokens(),
                    after.spent().microDollars(),
                    after.remaining().tokens(),
                    after.remaining().microDollars()));
      }
    };
  }

  static Decision<BudgetEvent, BudgetRejection> release(ReleaseReservation command, Open budget) {
    return switch (budget.reservations().get(command.reservationId())) {
      case null -> Decision.reject(new UnknownReservation(command.reservationId()));
      case Reservation.Released released -> Decision.alreadySo();
      case Reservation.Settled settled ->
          Decision.reject(new ReservationClosed(command.reservationId(), "settled"));
      case Reservation.Held held -> Decision.accept(released(command, held.amount(), budget));
      case Reservation.Refused refused -> Decision.accept(released(command, Spend.NONE, budget));
    };
  }

  private static ReservationReleased released(
      ReleaseReservation command, Spend amount, Open budget) {
    Spend remaining = budget.remaining().plus(amount);
    return new ReservationReleased(
        command.budgetId().value(),
        command.reservationId(),
        amount.tokens(),
        amount.microDollars(),
        remaining.tokens(),
        remaining.microDollars());
  }

  static LimitExceeded exceeded(Spend requested, Open budget) {
    Spend remaining = budget.remaining();
    return new LimitExceeded(
        requested.tokens(), remaining.tokens(), requested.microDollars(), remaining.microDollars());
  }
}

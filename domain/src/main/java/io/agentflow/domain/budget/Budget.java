package io.agentflow.domain.budget;

import io.agentflow.domain.AppendOnlyMap;
import io.agentflow.domain.Decision;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
import io.agentflow.domain.budget.BudgetEvent.BudgetOpened;
import io.agentflow.domain.budget.BudgetEvent.ReservationReleased;
import io.agentflow.domain.budget.BudgetEvent.ReservationSettled;
import io.agentflow.domain.budget.BudgetEvent.SliceAllocated;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.budget.BudgetRejection.DifferentBudgetExists;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import io.agentflow.domain.budget.BudgetRejection.ReservationClosed;
import io.agentflow.domain.budget.BudgetRejection.ReservationDiffers;
import io.agentflow.domain.budget.BudgetRejection.SettledDifferently;
import io.agentflow.domain.budget.BudgetRejection.SliceDiffers;
import io.agentflow.domain.budget.BudgetRejection.SpentTooLarge;
import io.agentflow.domain.budget.BudgetRejection.UnknownBudget;
import io.agentflow.domain.budget.BudgetRejection.UnknownReservation;

/**
 * Tokens and money that cannot be overspent. What is allocated, reserved and spent together never
 * passes the limit, but for usage that truly was above its reservation: that is recorded as it was,
 * and nothing more is given out until something remains.
 */
public sealed interface Budget {

  /** Nothing is known under this id. */
  record Absent() implements Budget {}

  /**
   * Open for reservations.
   *
   * @param slices fingerprints by slice id
   * @param allocated what was given to slices
   * @param reserved what is set aside and not yet settled or released
   * @param spent what was settled
   */
  record Open(
      BudgetOpened description,
      AppendOnlyMap<String, Fingerprint> slices,
      AppendOnlyMap<String, Reservation> reservations,
      Spend allocated,
      Spend reserved,
      Spend spent)
      implements Budget {

    public Spend limit() {
      return new Spend(description.limitTokens(), description.limitMicroDollars());
    }

    public Spend remaining() {
      return limit().minus(allocated).minus(reserved).minus(spent);
    }
  }

  /** An amount that was set aside, and what became of it. */
  sealed interface Reservation {
    Spend amount();

    record Held(Spend amount) implements Reservation {}

    record Settled(Spend amount, Spend used) implements Reservation {}

    record Released(Spend amount) implements Reservation {}
  }

  static Budget initial() {
    return new Absent();
  }

  /** What happens when this is asked of a budget in this state. */
  static Decision<BudgetEvent, BudgetRejection> decide(BudgetCommand command, Budget budget) {
    return switch (command) {
      case OpenBudget open -> open(open, budget);
      case AllocateSlice allocate ->
          budget instanceof Open open ? allocate(allocate, open) : unknown(command);
      case ReserveSpend reserve ->
          budget instanceof Open open ? reserve(reserve, open) : unknown(command);
      case SettleReservation settle ->
          budget instanceof Open open ? settle(settle, open) : unknown(command);
      case ReleaseReservation release ->
          budget instanceof Open open ? release(release, open) : unknown(command);
    };
  }

  private static Decision<BudgetEvent, BudgetRejection> unknown(BudgetCommand command) {
    return Decision.reject(new UnknownBudget(command.budgetId().value()));
  }

  private static Decision<BudgetEvent, BudgetRejection> open(OpenBudget command, Budget budget) {
    BudgetOpened opened =
        new BudgetOpened(
            command.budgetId().value(),
            command.name(),
            command.parentBudgetId() == null ? null : command.parentBudgetId().value(),
            command.limit().tokens(),
            command.limit().microDollars());
    return switch (budget) {
      case Absent absent -> Decision.accept(opened);
      case Open open when open.description().equals(opened) -> Decision.alreadySo();
      case Open open -> Decision.reject(new DifferentBudgetExists(opened.budgetId()));
    };
  }

  private static Decision<BudgetEvent, BudgetRejection> allocate(
      AllocateSlice command, Open budget) {
    Spend remaining = budget.remaining().minus(command.amount());
    SliceAllocated allocated =
        new SliceAllocated(
            command.budgetId().value(),
            command.sliceId().value(),
            command.name(),
            command.workflowId() == null ? null : command.workflowId().value(),
            command.amount().tokens(),
            command.amount().microDollars(),
            remaining.tokens(),
            remaining.microDollars());
    Fingerprint before = budget.slices().get(allocated.sliceId());
    if (before != null) {
      return before.equals(fingerprint(allocated))
          ? Decision.alreadySo()
          : Decision.reject(new SliceDiffers(allocated.sliceId()));
    }
    return command.amount().isWithin(budget.remaining())
        ? Decision.accept(allocated)
        : Decision.reject(exceeded(command.amount(), budget));
  }

  private static Decision<BudgetEvent, BudgetRejection> reserve(ReserveSpend command, Open budget) {
    Reservation before = budget.reservations().get(command.reservationId());
    if (before != null) {
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

  private static Decision<BudgetEvent, BudgetRejection> settle(
      SettleReservation command, Open budget) {
    return switch (budget.reservations().get(command.reservationId())) {
      case null -> Decision.reject(new UnknownReservation(command.reservationId()));
      case Reservation.Released released ->
          Decision.reject(new ReservationClosed(command.reservationId(), "released"));
      case Reservation.Settled settled when settled.used().equals(command.used()) ->
          Decision.alreadySo();
      case Reservation.Settled settled ->
          Decision.reject(new SettledDifferently(command.reservationId()));
      case Reservation.Held held -> {
        Spend spent = budget.spent().plus(command.used());
        Spend remaining = budget.remaining().plus(held.amount()).minus(command.used());
        yield spent.isTooLargeForJson()
            ? Decision.reject(new SpentTooLarge())
            : Decision.accept(
                new ReservationSettled(
                    command.budgetId().value(),
                    command.reservationId(),
                    held.amount().tokens(),
                    held.amount().microDollars(),
                    command.used().tokens(),
                    command.used().microDollars(),
                    spent.tokens(),
                    spent.microDollars(),
                    remaining.tokens(),
                    remaining.microDollars()));
      }
    };
  }

  private static Decision<BudgetEvent, BudgetRejection> release(
      ReleaseReservation command, Open budget) {
    return switch (budget.reservations().get(command.reservationId())) {
      case null -> Decision.reject(new UnknownReservation(command.reservationId()));
      case Reservation.Released released -> Decision.alreadySo();
      case Reservation.Settled settled ->
          Decision.reject(new ReservationClosed(command.reservationId(), "settled"));
      case Reservation.Held held -> {
        Spend remaining = budget.remaining().plus(held.amount());
        yield Decision.accept(
            new ReservationReleased(
                command.budgetId().value(),
                command.reservationId(),
                held.amount().tokens(),
                held.amount().microDollars(),
                remaining.tokens(),
                remaining.microDollars()));
      }
    };
  }

  private static LimitExceeded exceeded(Spend requested, Open budget) {
    Spend remaining = budget.remaining();
    return new LimitExceeded(
        requested.tokens(), remaining.tokens(), requested.microDollars(), remaining.microDollars());
  }

  /** What is so after the event. Never refuses: what happened, happened. */
  static Budget evolve(Budget budget, BudgetEvent event) {
    if (event instanceof BudgetOpened opened) {
      return new Open(
          opened, AppendOnlyMap.empty(), AppendOnlyMap.empty(), Spend.NONE, Spend.NONE, Spend.NONE);
    }
    return budget instanceof Open open ? evolve(open, event) : budget;
  }

  private static Open evolve(Open open, BudgetEvent event) {
    return switch (event) {
      case BudgetOpened opened -> open;
      case SliceAllocated allocated ->
          new Open(
              open.description(),
              open.slices().with(allocated.sliceId(), fingerprint(allocated)),
              open.reservations(),
              open.allocated().plus(new Spend(allocated.tokens(), allocated.microDollars())),
              open.reserved(),
              open.spent());
      case SpendReserved reserved -> {
        Spend amount = new Spend(reserved.tokens(), reserved.microDollars());
        yield with(
            open,
            reserved.reservationId(),
            new Reservation.Held(amount),
            open.reserved().plus(amount),
            open.spent());
      }
      case ReservationSettled settled -> {
        Spend amount = new Spend(settled.reservedTokens(), settled.reservedMicroDollars());
        yield with(
            open,
            settled.reservationId(),
            new Reservation.Settled(amount, new Spend(settled.tokens(), settled.microDollars())),
            open.reserved().minus(amount),
            new Spend(settled.spentTokens(), settled.spentMicroDollars()));
      }
      case ReservationReleased released -> {
        Spend amount = new Spend(released.tokens(), released.microDollars());
        yield with(
            open,
            released.reservationId(),
            new Reservation.Released(amount),
            open.reserved().minus(amount),
            open.spent());
      }
    };
  }

  private static Open with(
      Open open, String reservationId, Reservation reservation, Spend reserved, Spend spent) {
    return new Open(
        open.description(),
        open.slices(),
        open.reservations().with(reservationId, reservation),
        open.allocated(),
        reserved,
        spent);
  }

  private static Fingerprint fingerprint(SliceAllocated allocated) {
    return Fingerprint.of(
        allocated.name(), allocated.workflowId(), allocated.tokens(), allocated.microDollars());
  }
}

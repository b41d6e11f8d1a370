package io.agentflow.domain.budget;

import io.agentflow.domain.AppendOnlyMap;
import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.CloseBudget;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveForStep;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.ResizeSlice;
import io.agentflow.domain.budget.BudgetCommand.ReturnSlice;
import io.agentflow.domain.budget.BudgetCommand.RollPeriod;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
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
import io.agentflow.domain.budget.BudgetRejection.BudgetIsClosed;
import io.agentflow.domain.budget.BudgetRejection.UnknownBudget;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tokens and money that cannot be overspent. What is allocated, reserved and spent together never
 * passes the limit, but for usage that truly was above its reservation: that is recorded as it was,
 * and nothing more is given out until something remains.
 *
 * <p>Decided by theme: {@link OpenAndClose}, {@link Limits}, {@link Slices}, {@link Reservations};
 * behind whatever was decided {@link WaitingSteps} are called and {@link Alarms} are told.
 */
public sealed interface Budget {

  /** Nothing is known under this id. */
  record Absent() implements Budget {}

  /**
   * Open for reservations.
   *
   * @param terms what it was opened on
   * @param periodEnd when its period ends, as events write it; null where none does
   * @param slices by id
   * @param reservations by id
   * @param waiting steps to which a reservation was refused
   * @param alarms those that were told and still hold
   */
  record Open(
      BudgetOpened description,
      BudgetTerms terms,
      @Nullable String periodEnd,
      Balance balance,
      AppendOnlyMap<String, Slice> slices,
      AppendOnlyMap<String, Reservation> reservations,
      WaitingSteps waiting,
      Alarms alarms)
      implements Budget {

    public Spend remaining() {
      return balance.remaining();
    }

    /** When its period ends and another begins; null where none does. */
    public @Nullable Instant nextRollAt() {
      return periodEnd == null ? null : Instant.parse(periodEnd);
    }

    /** For looking ahead, where they do not matter: two futures of one map would cost a copy. */
    private Open withoutReservations() {
      return new Open(
          description, terms, periodEnd, balance, slices, AppendOnlyMap.empty(), waiting, alarms);
    }

    private Open with(Balance changed) {
      return new Open(
          description,
          terms,
          periodEnd,
          changed,
          slices,
          reservations,
          waiting,
          alarms.stillHolding(changed));
    }

    private Open withTerms(BudgetTerms set, @Nullable String newPeriodEnd) {
      return new Open(
          description,
          set,
          newPeriodEnd,
          balance.limitedTo(balance.limit(), set.softLimit()),
          slices,
          reservations,
          waiting,
          alarms);
    }

    private Open withPeriodEnd(String newPeriodEnd) {
      return new Open(
          description, terms, newPeriodEnd, balance, slices, reservations, waiting, alarms);
    }

    private Open withSlice(String sliceId, Slice slice) {
      return new Open(
          description,
          terms,
          periodEnd,
          balance,
          slices.with(sliceId, slice),
          reservations,
          waiting,
          alarms);
    }

    private Open withReservation(String reservationId, Reservation reservation) {
      return new Open(
          description,
          terms,
          periodEnd,
          balance,
          slices,
          reservations.with(reservationId, reservation),
          waiting,
          alarms);
    }

    private Open withWaiting(WaitingSteps changed) {
      return new Open(
          description, terms, periodEnd, balance, slices, reservations, changed, alarms);
    }

    private Open withAlarms(Alarms changed) {
      return new Open(
          description, terms, periodEnd, balance, slices, reservations, waiting, changed);
    }
  }

  /**
   * Over. What was done before may still be repeated; nothing new happens.
   *
   * @param last as it was when it was closed
   */
  record Closed(Open last) implements Budget {}

  /** An amount that was set aside, and what became of it. */
  sealed interface Reservation {
    Spend amount();

    record Held(Spend amount) implements Reservation {}

    record Settled(Spend amount, Spend used) implements Reservation {}

    record Released(Spend amount) implements Reservation {}

    /** It did not fit, and is not asked for under this id again. */
    record Refused(Spend amount) implements Reservation {}
  }

  /** A part that became a budget of its own. The fingerprint is of how it was allocated. */
  sealed interface Slice {
    Fingerprint fingerprint();

    record Allocated(Fingerprint fingerprint, Spend amount) implements Slice {}

    record Returned(Fingerprint fingerprint) implements Slice {}
  }

  static Budget initial() {
    return new Absent();
  }

  /** What happens when this is asked of a budget in this state. */
  static Decision<BudgetEvent, BudgetRejection> decide(BudgetCommand command, Budget budget) {
    return switch (budget) {
      case Absent absent ->
          command instanceof OpenBudget open
              ? OpenAndClose.open(open)
              : Decision.reject(new UnknownBudget(command.budgetId().value()));
      case Open open -> withWhatFollows(decide(command, open), open);
      case Closed closed ->
          command instanceof CloseBudget
                  || decide(command, closed.last()).equals(Decision.alreadySo())
              ? Decision.alreadySo()
              : Decision.reject(new BudgetIsClosed(command.budgetId().value()));
    };
  }

  /** The decision, with what it sets off behind its events. */
  private static Decision<BudgetEvent, BudgetRejection> withWhatFollows(
      Decision<BudgetEvent, BudgetRejection> decision, Open before) {
    if (!(decision instanceof Accepted<BudgetEvent, BudgetRejection>(List<BudgetEvent> events))
        || events.isEmpty()) {
      return decision;
    }
    Budget after = before.withoutReservations();
    for (BudgetEvent event : events) {
      after = evolve(after, event);
    }
    List<BudgetEvent> all = new ArrayList<>(events);
    if (after instanceof Open open) {
      all.addAll(open.waiting().due(open));
      all.addAll(open.alarms().due(open));
    }
    return new Accepted<>(all);
  }

  private static Decision<BudgetEvent, BudgetRejection> decide(BudgetCommand command, Open budget) {
    return switch (command) {
      case OpenBudget open -> OpenAndClose.openAgain(open, budget);
      case CloseBudget close -> OpenAndClose.close(close, budget);
      case ChangeLimit change -> Limits.change(change, budget);
      case RollPeriod roll -> Limits.roll(roll, budget);
      case AllocateSlice allocate -> Slices.allocate(allocate, budget);
      case ResizeSlice resize -> Slices.resize(resize, budget);
      case ReturnSlice giveBack -> Slices.takeBack(giveBack, budget);
      case ReserveSpend reserve -> Reservations.reserve(reserve, budget);
      case ReserveForStep reserve -> Reservations.reserve(reserve, budget);
      case SettleReservation settle -> Reservations.settle(settle, budget);
      case ReleaseReservation release -> Reservations.release(release, budget);
    };
  }

  /** What is so after the event. Never refuses: what happened, happened. */
  static Budget evolve(Budget budget, BudgetEvent event) {
    if (event instanceof BudgetOpened opened) {
      return new Open(
          opened,
          BudgetTerms.DEFAULT,
          null,
          Balance.untouched(new Spend(opened.limitTokens(), opened.limitMicroDollars())),
          AppendOnlyMap.empty(),
          AppendOnlyMap.empty(),
          WaitingSteps.NONE,
          Alarms.NONE);
    }
    return budget instanceof Open open ? evolve(open, event) : budget;
  }

  private static Budget evolve(Open open, BudgetEvent event) {
    Balance balance = open.balance();
    return switch (event) {
      case BudgetOpened opened -> open;
      case BudgetClosed closed -> new Closed(open);
      case TermsSet set ->
          open.withTerms(
              new BudgetTerms(
                  Limits.soft(set.softLimitTokens(), set.softLimitMicroDollars()),
                  set.thresholdsPercent(),
                  BudgetPeriod.of(set.period()),
                  set.zone()),
              set.periodEnd());
      case LimitChanged changed ->
          open.with(
              balance.limitedTo(
                  new Spend(changed.limitTokens(), changed.limitMicroDollars()),
                  Limits.soft(changed.softLimitTokens(), changed.softLimitMicroDollars())));
      case PeriodRolled rolled ->
          open.with(balance.withSpent(Spend.NONE)).withPeriodEnd(rolled.periodEnd());
      case SliceAllocated allocated -> {
        Spend amount = new Spend(allocated.tokens(), allocated.microDollars());
        yield open.with(balance.withAllocated(balance.allocated().plus(amount)))
            .withSlice(
                allocated.sliceId(), new Slice.Allocated(Slices.fingerprint(allocated), amount));
      }
      case SliceChanged changed -> {
        Spend amount = new Spend(changed.tokens(), changed.microDollars());
        yield open.slices().get(changed.sliceId()) instanceof Slice.Allocated before
            ? open.with(
                    balance.withAllocated(balance.allocated().minus(before.amount()).plus(amount)))
                .withSlice(changed.sliceId(), new Slice.Allocated(before.fingerprint(), amount))
            : open;
      }
      case SliceReturned returned ->
          open.slices().get(returned.sliceId()) instanceof Slice.Allocated before
              ? open.with(
                      balance
                          .withAllocated(balance.allocated().minus(before.amount()))
                          .withSpent(
                              new Spend(returned.spentTokens(), returned.spentMicroDollars())))
                  .withSlice(returned.sliceId(), new Slice.Returned(before.fingerprint()))
              : open;
      case SpendReserved reserved -> {
        Spend amount = new Spend(reserved.tokens(), reserved.microDollars());
        yield open.with(balance.withReserved(balance.reserved().plus(amount)))
            .withReservation(reserved.reservationId(), new Reservation.Held(amount))
            .withWaiting(open.waiting().served(reserved.reservationId()));
      }
      case ReservationRefused refused ->
          open.withReservation(
                  refused.reservationId(),
                  new Reservation.Refused(
                      new Spend(refused.requestedTokens(), refused.requestedMicroDollars())))
              .withWaiting(open.waiting().and(refused));
      case RoomMade room -> open.withWaiting(open.waiting().and(room));
      case ReservationSettled settled -> {
        Spend amount = new Spend(settled.reservedTokens(), settled.reservedMicroDollars());
        yield open.with(
                balance
                    .withReserved(balance.reserved().minus(amount))
                    .withSpent(new Spend(settled.spentTokens(), settled.spentMicroDollars())))
            .withReservation(
                settled.reservationId(),
                new Reservation.Settled(
                    amount, new Spend(settled.tokens(), settled.microDollars())));
      }
      case ReservationReleased released -> {
        Spend amount = new Spend(released.tokens(), released.microDollars());
        yield open.with(balance.withReserved(balance.reserved().minus(amount)))
            .withReservation(
                released.reservationId(),
                new Reservation.Released(
                    open.reservations().get(released.reservationId())
                            instanceof Reservation.Refused(Spend asked)
                        ? asked
                        : amount))
            .withWaiting(open.waiting().gone(released.reservationId()));
      }
      case ThresholdCrossed crossed -> open.withAlarms(open.alarms().and(crossed));
      case BudgetExhausted exhausted -> open.withAlarms(open.alarms().and(exhausted));
    };
  }
}

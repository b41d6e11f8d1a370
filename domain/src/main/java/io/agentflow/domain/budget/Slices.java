package io.agentflow.domain.budget;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget.Open;
import io.agentflow.domain.budget.Budget.Slice;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.ResizeSlice;
import io.agentflow.domain.budget.BudgetCommand.ReturnSlice;
import io.agentflow.domain.budget.BudgetEvent.SliceAllocated;
import io.agentflow.domain.budget.BudgetEvent.SliceChanged;
import io.agentflow.domain.budget.BudgetEvent.SliceReturned;
import io.agentflow.domain.budget.BudgetRejection.SliceDiffers;
import io.agentflow.domain.budget.BudgetRejection.SpentTooLarge;
import io.agentflow.domain.budget.BudgetRejection.UnknownSlice;
import java.util.List;

/** Parts of a budget that become budgets of their own, and come back. */
final class Slices {

  private Slices() {}

  static Decision<BudgetEvent, BudgetRejection> allocate(AllocateSlice command, Open budget) {
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
    Slice before = budget.slices().get(allocated.sliceId());
    if (before != null) {
      return before.fingerprint().equals(fingerprint(allocated))
          ? Decision.alreadySo()
          : Decision.reject(new SliceDiffers(allocated.sliceId()));
    }
    return command.amount().isWithin(budget.remaining())
        ? Decision.accept(allocated)
        : Decision.reject(Reservations.exceeded(command.amount(), budget));
  }

  static Fingerprint fingerprint(SliceAllocated allocated) {
    return Fingerprint.of(
        allocated.name(), allocated.workflowId(), allocated.tokens(), allocated.microDollars());
  }

  static Decision<BudgetEvent, BudgetRejection> resize(ResizeSlice command, Open budget) {
    String sliceId = command.sliceId().value();
    return switch (budget.slices().get(sliceId)) {
      case null -> Decision.reject(new UnknownSlice(sliceId));
      case Slice.Returned returned -> Decision.reject(new UnknownSlice(sliceId));
      case Slice.Allocated slice when slice.amount().equals(command.amount()) ->
          Decision.alreadySo();
      case Slice.Allocated slice -> {
        Spend more = command.amount().minus(slice.amount());
        Spend remaining = budget.remaining().minus(more);
        yield isThere(more.tokens(), remaining.tokens())
                && isThere(more.microDollars(), remaining.microDollars())
            ? Decision.accept(
                new SliceChanged(
                    command.budgetId().value(),
                    sliceId,
                    command.amount().tokens(),
                    command.amount().microDollars(),
                    remaining.tokens(),
                    remaining.microDollars(),
                    List.of()))
            : Decision.reject(Reservations.exceeded(more, budget));
      }
    };
  }

  /** What is given back is taken even where the budget is overspent and still nothing remains. */
  private static boolean isThere(long more, long remaining) {
    return more <= 0 || remaining >= 0;
  }

  static Decision<BudgetEvent, BudgetRejection> takeBack(ReturnSlice command, Open budget) {
    String sliceId = command.sliceId().value();
    return switch (budget.slices().get(sliceId)) {
      case null -> Decision.reject(new UnknownSlice(sliceId));
      case Slice.Returned returned -> Decision.alreadySo();
      case Slice.Allocated slice -> {
        Balance balance = budget.balance();
        Balance after =
            balance
                .withAllocated(balance.allocated().minus(slice.amount()))
                .withSpent(balance.spent().plus(command.used()));
        yield after.inUse().isTooLargeForJson()
            ? Decision.reject(new SpentTooLarge())
            : Decision.accept(
                new SliceReturned(
                    command.budgetId().value(),
                    sliceId,
                    slice.amount().tokens(),
                    slice.amount().microDollars(),
                    command.used().tokens(),
                    command.used().microDollars(),
                    after.spent().tokens(),
                    after.spent().microDollars(),
                    after.remaining().tokens(),
                    after.remaining().microDollars(),
                    List.of()));
      }
    };
  }
}

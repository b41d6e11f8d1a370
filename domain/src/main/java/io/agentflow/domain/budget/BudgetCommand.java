package io.agentflow.domain.budget;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one may ask of a budget. Each constructor throws {@link InvalidField} for a value that no
 * event could carry.
 */
public sealed interface BudgetCommand {

  BudgetId budgetId();

  /**
   * Opens a budget.
   *
   * @param parentBudgetId what it is a slice of, if it is one
   * @param at when; required where its period rolls. Asked again at another time it is the same
   */
  record OpenBudget(
      BudgetId budgetId,
      String name,
      @Nullable BudgetId parentBudgetId,
      Spend limit,
      BudgetTerms terms,
      @Nullable Instant at)
      implements BudgetCommand {
    public OpenBudget {
      Checks.name("name", name);
      checkSoftLimit(terms.softLimit(), limit);
      if (terms.period() != BudgetPeriod.NONE) {
        Checks.present("at", at);
      }
    }

    /** Opens a budget on the terms that hold where none are named. */
    public OpenBudget(
        BudgetId budgetId, String name, @Nullable BudgetId parentBudgetId, Spend limit) {
      this(budgetId, name, parentBudgetId, limit, BudgetTerms.DEFAULT, null);
    }
  }

  private static void checkSoftLimit(@Nullable Spend softLimit, Spend limit) {
    if (softLimit != null && !softLimit.isWithin(limit)) {
      throw new InvalidField("softLimit", "must not be above the limit, in neither currency");
    }
  }

  /**
   * Sets the limits anew. A slice takes what it gets more from its parent, and gives back what it
   * gets less.
   *
   * @param softLimit null for none
   */
  record ChangeLimit(BudgetId budgetId, Spend limit, @Nullable Spend softLimit)
      implements BudgetCommand {
    public ChangeLimit {
      checkSoftLimit(softLimit, limit);
    }

    /** What is asked of the parent, where the budget is a slice. */
    public ResizeSlice resizingIn(BudgetId parentBudgetId) {
      return new ResizeSlice(parentBudgetId, budgetId, limit);
    }
  }

  /** Begins the period in which the instant lies, if it has not begun. */
  record RollPeriod(BudgetId budgetId, Instant at) implements BudgetCommand {}

  /** Ends a budget. A slice gives back to its parent what was not used. */
  record CloseBudget(BudgetId budgetId) implements BudgetCommand {

    /** What is told the parent, where the budget is a slice. */
    public ReturnSlice returningTo(BudgetId parentBudgetId, Spend used) {
      return new ReturnSlice(parentBudgetId, budgetId, used);
    }
  }

  /**
   * Takes a slice off this budget and opens it as a budget of its own, so that the steps of one
   * workflow do not queue on the budget of all.
   */
  record AllocateSlice(
      BudgetId budgetId,
      BudgetId sliceId,
      String name,
      @Nullable WorkflowId workflowId,
      Spend amount)
      implements BudgetCommand {
    public AllocateSlice {
      Checks.name("name", name);
      if (sliceId.equals(budgetId)) {
        throw new InvalidField("sliceId", "must not be the budget's own id");
      }
    }

    /** What opens the slice, once the amount is taken. */
    public OpenBudget openingOfSlice() {
      return new OpenBudget(sliceId, name, budgetId, amount);
    }
  }

  /** Changes what a slice has, in the unit of work that changes the slice's limit. */
  record ResizeSlice(BudgetId budgetId, BudgetId sliceId, Spend amount) implements BudgetCommand {}

  /** Takes a slice back, in the unit of work that closes it. */
  record ReturnSlice(BudgetId budgetId, BudgetId sliceId, Spend used) implements BudgetCommand {}

  /** Sets an amount aside before work starts, so that nobody else spends it. */
  record ReserveSpend(BudgetId budgetId, String reservationId, Spend amount)
      implements BudgetCommand {
    public ReserveSpend {
      Checks.localId("reservationId", reservationId);
    }
  }

  /**
   * Sets aside what an attempt of a step is estimated to use. Where it does not fit, that is
   * recorded, and the step waits until there is room; then its next attempt may ask.
   *
   * @param reservationId that of a {@link StepReservation} of the workflow
   */
  record ReserveForStep(
      BudgetId budgetId, WorkflowId workflowId, String reservationId, Spend amount)
      implements BudgetCommand {
    public ReserveForStep {
      Checks.localId("reservationId", reservationId);
      if (StepReservation.of(reservationId)
          .filter(step -> step.workflowId().equals(workflowId.value()))
          .isEmpty()) {
        throw new InvalidField(
            "reservationId", "must be %s:<stepId>:<attempt>".formatted(workflowId.value()));
      }
    }
  }

  /** Ends a reservation with what was truly used, even where that is more than was reserved. */
  record SettleReservation(BudgetId budgetId, String reservationId, Spend used)
      implements BudgetCommand {
    public SettleReservation {
      Checks.localId("reservationId", reservationId);
    }
  }

  /** Ends a reservation of which nothing was used, or the wait for one that was refused. */
  record ReleaseReservation(BudgetId budgetId, String reservationId) implements BudgetCommand {
    public ReleaseReservation {
      Checks.localId("reservationId", reservationId);
    }
  }
}

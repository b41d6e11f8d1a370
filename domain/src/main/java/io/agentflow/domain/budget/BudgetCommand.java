package io.agentflow.domain.budget;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.workflow.WorkflowId;
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
   */
  record OpenBudget(BudgetId budgetId, String name, @Nullable BudgetId parentBudgetId, Spend limit)
      implements BudgetCommand {
    public OpenBudget {
      Checks.name("name", name);
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

  /** Sets an amount aside before work starts, so that nobody else spends it. */
  record ReserveSpend(BudgetId budgetId, String reservationId, Spend amount)
      implements BudgetCommand {
    public ReserveSpend {
      Checks.localId("reservationId", reservationId);
    }
  }

  /** Ends a reservation with what was truly used, even where that is more than was reserved. */
  record SettleReservation(BudgetId budgetId, String reservationId, Spend used)
      implements BudgetCommand {
    public SettleReservation {
      Checks.localId("reservationId", reservationId);
    }
  }

  /** Ends a reservation of which nothing was used. */
  record ReleaseReservation(BudgetId budgetId, String reservationId) implements BudgetCommand {
    public ReleaseReservation {
      Checks.localId("reservationId", reservationId);
    }
  }
}

package io.agentflow.domain.whatif;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Decision.Rejected;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget;
import io.agentflow.domain.budget.BudgetCommand;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.BudgetRejection;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import org.jspecify.annotations.Nullable;

/** The budget that the rule gives to one workflow: a budget as any other, of no tenant. */
final class OwnBudget {

  private final BudgetId id;
  private Budget budget = Budget.initial();

  OwnBudget(String workflowId, Limit limit) {
    id = new BudgetId(workflowId);
    send(new OpenBudget(id, "what if", null, limit.spend()));
  }

  /** Sets an amount aside; the refusal where it does not fit, else null. */
  @Nullable LimitExceeded reserve(String reservationId, Spend amount) {
    return send(new ReserveSpend(id, reservationId, amount))
            instanceof Rejected<?, BudgetRejection>(LimitExceeded exceeded)
        ? exceeded
        : null;
  }

  /** Ends a reservation, if there is one. */
  void settle(String reservationId, Spend used) {
    send(new SettleReservation(id, reservationId, used));
  }

  /** Ends a reservation of which nothing was used, if there is one. */
  void release(String reservationId) {
    send(new ReleaseReservation(id, reservationId));
  }

  private Decision<BudgetEvent, BudgetRejection> send(BudgetCommand command) {
    Decision<BudgetEvent, BudgetRejection> decision = Budget.decide(command, budget);
    if (decision instanceof Accepted<BudgetEvent, BudgetRejection>(var events)) {
      for (BudgetEvent event : events) {
        budget = Budget.evolve(budget, event);
      }
    }
    return decision;
  }
}

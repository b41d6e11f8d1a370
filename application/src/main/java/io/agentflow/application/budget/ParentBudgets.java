package io.agentflow.application.budget;

import io.agentflow.application.CommandRejected;
import io.agentflow.domain.budget.BudgetCommand;
import java.util.function.Supplier;
import org.axonframework.modelling.command.Repository;

/**
 * A slice's way to its parent: what it takes more or gives back is decided there in the unit of
 * work at hand, so that no money is ever between two budgets. Locks are taken from slice to parent
 * alone, hence never in a circle.
 */
public final class ParentBudgets {

  private final Supplier<Repository<BudgetAggregate>> budgets;

  /**
   * A way to all budgets.
   *
   * @param budgets asked only when a command is handled: the repository needs the shell first
   */
  public ParentBudgets(Supplier<Repository<BudgetAggregate>> budgets) {
    this.budgets = budgets;
  }

  /**
   * Has the parent decide.
   *
   * @throws CommandRejected with the parent's reason when it refused; then nothing is appended
   */
  void ask(BudgetCommand command) {
    String parentBudgetId = command.budgetId().value();
    try {
      budgets.get().load(parentBudgetId).execute(parent -> parent.decideWithin(command));
    } catch (CommandRejected e) {
      throw e.by(parentBudgetId);
    }
  }
}

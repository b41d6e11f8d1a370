package io.agentflow.application.budget;

import io.agentflow.application.Decided;
import io.agentflow.application.TenantFence;
import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.budget.Budget;
import io.agentflow.domain.budget.BudgetCommand;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.CloseBudget;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveForStep;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.RollPeriod;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.BudgetRejection;
import java.util.List;
import java.util.function.BiFunction;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateLifecycle;
import org.axonframework.modelling.command.AggregateRoot;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** Axon's side of a budget: which commands there are. {@link Budget} decides. */
@AggregateRoot(type = "budget")
public class BudgetAggregate extends TenantFence {

  @AggregateIdentifier private @Nullable String budgetId;
  private Budget budget = Budget.initial();

  BudgetAggregate() {}

  private BudgetAggregate(OpenBudget slice) {
    Decided.applyEvents(Budget.decide(slice, budget));
  }

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(OpenBudget command) {
    return decide(command);
  }

  /**
   * The slice is opened in the unit of work that takes it from here: both are appended or neither,
   * so no money is ever between two budgets.
   */
  @CommandHandler
  Decided handle(AllocateSlice command) throws Exception {
    Decided decided = decide(command);
    if (decided.changed()) {
      AggregateLifecycle.createNew(
          BudgetAggregate.class, () -> new BudgetAggregate(command.openingOfSlice()));
    }
    return decided;
  }

  @CommandHandler
  Decided handle(ReserveSpend command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ReserveForStep command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(SettleReservation command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ReleaseReservation command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(RollPeriod command) {
    return decide(command);
  }

  /**
   * What a slice has more or less its parent has less or more: in one unit of work, or not at all.
   */
  @CommandHandler
  Decided handle(ChangeLimit command, ParentBudgets parents) {
    return decideWithParent(command, parents, (parent, open) -> command.resizingIn(parent));
  }

  /** What a slice did not use is its parent's again in the unit of work that closes it. */
  @CommandHandler
  Decided handle(CloseBudget command, ParentBudgets parents) {
    return decideWithParent(
        command, parents, (parent, open) -> command.returningTo(parent, open.balance().spent()));
  }

  /** The parent is asked first: where it refuses, nothing has happened here. */
  private Decided decideWithParent(
      BudgetCommand command,
      ParentBudgets parents,
      BiFunction<BudgetId, Budget.Open, BudgetCommand> commandToParent) {
    Decision<BudgetEvent, BudgetRejection> decision = Budget.decide(command, budget);
    if (decision instanceof Accepted<BudgetEvent, BudgetRejection>(List<BudgetEvent> events)
        && !events.isEmpty()
        && budget instanceof Budget.Open open) {
      String parentBudgetId = open.description().parentBudgetId();
      if (parentBudgetId != null) {
        parents.ask(commandToParent.apply(new BudgetId(parentBudgetId), open));
      }
    }
    return Decided.apply(decision);
  }

  /** Answers a command that came by another budget, in that one's unit of work. */
  void decideWithin(BudgetCommand command) {
    decide(command);
  }

  private Decided decide(BudgetCommand command) {
    return Decided.apply(Budget.decide(command, budget));
  }

  @EventSourcingHandler
  void on(BudgetEvent event, MetaData metadata) {
    ownedBy(metadata);
    budgetId = event.budgetId();
    budget = Budget.evolve(budget, event);
  }

  @Override
  protected @Nullable String aggregateId() {
    return budgetId;
  }
}

package io.agentflow.domain.budget;

import io.agentflow.domain.Histories;
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
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What tests ask of one budget, in few words. */
final class BudgetCommands {

  static final BudgetId ID = new BudgetId("018f4e6a-0000-7000-8000-0000000000b1");
  static final BudgetId SLICE = new BudgetId("018f4e6a-0000-7000-8000-0000000000b2");
  static final WorkflowId WORKFLOW = new WorkflowId("018f4e6a-0000-7000-8000-000000000001");
  static final WorkflowId OTHER_WORKFLOW = new WorkflowId("018f4e6a-0000-7000-8000-000000000002");
  static final WorkflowId THIRD_WORKFLOW = new WorkflowId("018f4e6a-0000-7000-8000-000000000003");

  private BudgetCommands() {}

  static Histories<BudgetCommand, BudgetEvent, Budget, BudgetRejection> history() {
    return new Histories<>(Budget.initial(), Budget::decide, Budget::evolve);
  }

  static OpenBudget open(long tokens, long microDollars) {
    return new OpenBudget(ID, "all", null, Spend.of(tokens, microDollars));
  }

  static OpenBudget openOn(BudgetTerms terms, String at, long tokens, long microDollars) {
    return new OpenBudget(
        ID, "all", null, Spend.of(tokens, microDollars), terms, Instant.parse(at));
  }

  static BudgetTerms rolling(BudgetPeriod period, String zone) {
    return BudgetTerms.of(null, List.of(), period, zone);
  }

  static BudgetTerms untold() {
    return BudgetTerms.of(null, List.of(), null, null);
  }

  static CloseBudget close() {
    return new CloseBudget(ID);
  }

  static ChangeLimit limit(long tokens, long microDollars, @Nullable Spend softLimit) {
    return new ChangeLimit(ID, Spend.of(tokens, microDollars), softLimit);
  }

  static RollPeriod roll(String at) {
    return new RollPeriod(ID, Instant.parse(at));
  }

  static AllocateSlice allocate(long tokens, long microDollars) {
    return new AllocateSlice(ID, SLICE, "slice", null, Spend.of(tokens, microDollars));
  }

  static ResizeSlice resize(long tokens, long microDollars) {
    return new ResizeSlice(ID, SLICE, Spend.of(tokens, microDollars));
  }

  static ReturnSlice giveBack(long usedTokens, long usedMicroDollars) {
    return new ReturnSlice(ID, SLICE, Spend.of(usedTokens, usedMicroDollars));
  }

  static ReserveSpend reserve(String id, long tokens, long microDollars) {
    return new ReserveSpend(ID, id, Spend.of(tokens, microDollars));
  }

  static ReserveForStep reserveForStep(WorkflowId workflow, String step, long tokens, long micros) {
    return new ReserveForStep(ID, workflow, stepId(workflow, step), Spend.of(tokens, micros));
  }

  static String stepId(WorkflowId workflow, String step) {
    return new StepReservation(workflow.value(), step, 1).reservationId();
  }

  static SettleReservation settle(String id, long tokens, long microDollars) {
    return new SettleReservation(ID, id, Spend.of(tokens, microDollars));
  }

  static ReleaseReservation release(String id) {
    return new ReleaseReservation(ID, id);
  }
}

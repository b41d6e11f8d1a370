package io.agentflow.application.budget;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetCommand;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.CloseBudget;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.budget.BudgetPeriod;
import io.agentflow.domain.budget.BudgetTerms;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** A budget's commands over HTTP. */
@RestController
@RequestMapping("/v1/budgets")
class BudgetHttp {

  private final Commands commands;

  BudgetHttp(Commands commands) {
    this.commands = commands;
  }

  record OpenRequest(
      @Nullable String budgetId,
      String name,
      long limitTokens,
      long limitMicroDollars,
      @Nullable Long softLimitTokens,
      @Nullable Long softLimitMicroDollars,
      @Nullable List<@Nullable Integer> thresholdsPercent,
      @Nullable String period,
      @Nullable String zone) {}

  record LimitRequest(
      long limitTokens,
      long limitMicroDollars,
      @Nullable Long softLimitTokens,
      @Nullable Long softLimitMicroDollars) {}

  record AllocateRequest(
      @Nullable String sliceId,
      String name,
      @Nullable String workflowId,
      long tokens,
      long microDollars) {}

  record ReserveRequest(String reservationId, long tokens, long microDollars) {}

  record SettleRequest(long tokens, long microDollars) {}

  /** Opens a budget. Under the id that the client brings, it may be asked again. */
  @PostMapping
  ResponseEntity<CommandAnswer> open(
      @RequestAttribute Caller caller, @RequestBody OpenRequest request) {
    BudgetId id = new BudgetId(Commands.idOr(request.budgetId()));
    Spend limit = Spend.of(request.limitTokens(), request.limitMicroDollars());
    BudgetTerms terms =
        BudgetTerms.of(
            softLimit(limit, request.softLimitTokens(), request.softLimitMicroDollars()),
            request.thresholdsPercent(),
            request.period() == null ? null : BudgetPeriod.of(request.period()),
            request.zone());
    return commands.create(
        caller, id.value(), new OpenBudget(id, request.name(), null, limit, terms, Instant.now()));
  }

  /** A currency without a soft limit of its own, beside one that has one, has its hard one. */
  private static @Nullable Spend softLimit(
      Spend limit, @Nullable Long tokens, @Nullable Long microDollars) {
    return tokens == null && microDollars == null
        ? null
        : Spend.of(
            tokens == null ? limit.tokens() : tokens,
            microDollars == null ? limit.microDollars() : microDollars);
  }

  /** Sets both limits; without a soft limit the budget has none from now on. */
  @PostMapping("/{budgetId}/limit")
  ResponseEntity<CommandAnswer> changeLimit(
      @RequestAttribute Caller caller,
      @PathVariable String budgetId,
      @RequestBody LimitRequest request) {
    Spend limit = Spend.of(request.limitTokens(), request.limitMicroDollars());
    return change(
        caller,
        new ChangeLimit(
            new BudgetId(budgetId),
            limit,
            softLimit(limit, request.softLimitTokens(), request.softLimitMicroDollars())));
  }

  /**
   * Closes a budget. It must hold no reservations and have no open slices; a slice gives back what
   * it has left.
   */
  @PostMapping("/{budgetId}/close")
  ResponseEntity<CommandAnswer> close(
      @RequestAttribute Caller caller, @PathVariable String budgetId) {
    return change(caller, new CloseBudget(new BudgetId(budgetId)));
  }

  /**
   * Gives a part of a budget to a new one, its slice. Answers with the slice, which is what the
   * client goes on with, not with the budget.
   */
  @PostMapping("/{budgetId}/allocations")
  ResponseEntity<CommandAnswer> allocateSlice(
      @RequestAttribute Caller caller,
      @PathVariable String budgetId,
      @RequestBody AllocateRequest request) {
    BudgetId sliceId = new BudgetId(Commands.idOr(request.sliceId()));
    return commands.createWithin(
        caller,
        budgetId,
        sliceId.value(),
        new AllocateSlice(
            new BudgetId(budgetId),
            sliceId,
            request.name(),
            request.workflowId() == null ? null : new WorkflowId(request.workflowId()),
            Spend.of(request.tokens(), request.microDollars())));
  }

  /**
   * Sets an amount aside, if the budget has that much left. Under the same id it may be asked
   * again.
   */
  @PostMapping("/{budgetId}/reservations")
  ResponseEntity<CommandAnswer> reserveSpend(
      @RequestAttribute Caller caller,
      @PathVariable String budgetId,
      @RequestBody ReserveRequest request) {
    return change(
        caller,
        new ReserveSpend(
            new BudgetId(budgetId),
            request.reservationId(),
            Spend.of(request.tokens(), request.microDollars())));
  }

  /** Ends a reservation by what was truly used, be it less or more. */
  @PostMapping("/{budgetId}/reservations/{reservationId}/settle")
  ResponseEntity<CommandAnswer> settle(
      @RequestAttribute Caller caller,
      @PathVariable String budgetId,
      @PathVariable String reservationId,
      @RequestBody SettleRequest request) {
    return change(
        caller,
        new SettleReservation(
            new BudgetId(budgetId),
            reservationId,
            Spend.of(request.tokens(), request.microDollars())));
  }

  /** Ends a reservation of which nothing was used. */
  @PostMapping("/{budgetId}/reservations/{reservationId}/release")
  ResponseEntity<CommandAnswer> release(
      @RequestAttribute Caller caller,
      @PathVariable String budgetId,
      @PathVariable String reservationId) {
    return change(caller, new ReleaseReservation(new BudgetId(budgetId), reservationId));
  }

  private ResponseEntity<CommandAnswer> change(Caller caller, BudgetCommand command) {
    return commands.change(caller, command.budgetId().value(), command);
  }
}

package io.agentflow.domain.whatif;

import static java.util.Objects.requireNonNull;

import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.whatif.Difference.Kind;
import io.agentflow.domain.whatif.Difference.Outcome;
import io.agentflow.domain.whatif.Findings.Finding;
import io.agentflow.domain.whatif.Findings.Place;
import io.agentflow.domain.whatif.Oversight.WorkId;
import io.agentflow.domain.workflow.ApprovalEvent;
import io.agentflow.domain.workflow.RunEvent;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.domain.workflow.WorkflowEvent.ToolCalled;
import io.agentflow.domain.workflow.WorkflowEvent.ToolReturned;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What it would have cost, and for what there would have been nothing left. An attempt is reserved
 * for when it is ready, and settled by what it used; what was recorded besides is asked for as it
 * was spent. What would not have happened costs nothing and leaves room for the rest.
 */
final class Accounts {

  private final Rule rule;
  private final Function<String, Optional<String>> models;
  private final Findings findings;
  private final Oversight oversight;
  private final Map<StepReservation, Finding> refused = new HashMap<>();
  private final Map<String, String> callers = new HashMap<>();
  private @Nullable OwnBudget budget;
  private Spend recorded = Spend.NONE;
  private Spend underRule = Spend.NONE;

  Accounts(
      Rule rule,
      Function<String, Optional<String>> models,
      Findings findings,
      Oversight oversight) {
    this.rule = rule;
    this.models = models;
    this.findings = findings;
    this.oversight = oversight;
  }

  Spend recorded() {
    return recorded;
  }

  Spend underRule() {
    return underRule;
  }

  void see(Place place, WorkflowEvent event) {
    switch (event) {
      case WorkflowCreated created ->
          budget = rule.limit() == null ? null : new OwnBudget(created.workflowId(), rule.limit());
      case StepReady ready -> reserve(place, ready);
      case StepUnfunded unfunded -> unfunded(place, unfunded);
      case StepCancelled cancelled ->
          release(
              new StepReservation(cancelled.workflowId(), cancelled.stepId(), cancelled.attempt()));
      case StepCompleted done ->
          settle(
              place,
              new StepReservation(done.workflowId(), done.stepId(), done.attempt()),
              false,
              new Spend(done.tokens(), done.microDollars()));
      case StepCompensated undone ->
          settle(
              place,
              new StepReservation(undone.workflowId(), undone.stepId(), undone.attempt()),
              true,
              new Spend(undone.tokens(), undone.microDollars()));
      case StepFailed failed ->
          settle(
              place,
              new StepReservation(failed.workflowId(), failed.stepId(), failed.attempt()),
              oversight.step(failed.stepId()).compensation(),
              new Spend(failed.tokens(), failed.microDollars()));
      case MessageRecorded said ->
          spend(
              place,
              said.messageId(),
              new Spend(said.tokens(), said.microDollars()),
              oversight.agentOfWorkflow());
      case ToolCalled called -> {
        callers.put(called.callId(), called.agentId());
        call(place, called.callId(), new Spend(called.tokens(), called.microDollars()));
      }
      case ToolReturned returned ->
          call(place, returned.callId(), new Spend(returned.tokens(), returned.microDollars()));
      case WorkflowEvent.WorkflowStarted _,
          WorkflowEvent.WorkflowCompleted _,
          WorkflowEvent.WorkflowFailed _,
          RunEvent.PlanProposed _,
          RunEvent.PlanApproved _,
          RunEvent.PlanRejected _,
          RunEvent.DeadlineSet _,
          RunEvent.RestartedFrom _,
          RunEvent.StepAssigned _,
          RunEvent.StepProgressed _,
          RunEvent.StepRetryScheduled _,
          RunEvent.StepSkipped _,
          RunEvent.WaitStarted _,
          RunEvent.SignalReceived _,
          RunEvent.WorkflowPaused _,
          RunEvent.WorkflowResumed _,
          RunEvent.CompensationStarted _,
          RunEvent.WorkflowReopened _,
          RunEvent.WorkflowCancelled _,
          ApprovalEvent _ -> {
        // They neither cost nor reserve anything.
      }
    }
  }

  private void reserve(Place place, StepReady ready) {
    StepReservation attempt =
        new StepReservation(ready.workflowId(), ready.stepId(), ready.attempt());
    boolean asks =
        !ready.compensation()
            && !refused.containsKey(attempt)
            && !oversight.refuses(new WorkId(ready.stepId(), false));
    if (budget == null || !asks) {
      return;
    }
    Spend estimate = new Spend(ready.estimatedTokens(), ready.estimatedMicroDollars());
    LimitExceeded exceeded =
        budget.reserve(attempt.reservationId(), priced(estimate, ready.agentId()));
    if (exceeded != null) {
      refused.put(
          attempt,
          findings.add(
              place,
              Kind.RESERVATION,
              ready.stepId(),
              Outcome.GRANTED,
              Outcome.REFUSED,
              sentence(exceeded),
              remaining(exceeded)));
    }
  }

  private String sentence(LimitExceeded exceeded) {
    return requireNonNull(rule.limit()).sentence(exceeded);
  }

  private static Spend remaining(LimitExceeded exceeded) {
    return new Spend(exceeded.remainingTokens(), exceeded.remainingMicroDollars());
  }

  /** Its own budget had refused it as well, or alone. */
  private void unfunded(Place place, StepUnfunded unfunded) {
    StepReservation attempt =
        new StepReservation(unfunded.workflowId(), unfunded.stepId(), unfunded.attempt());
    Finding alike = refused.remove(attempt);
    if (alike != null) {
      findings.remove(alike);
    } else if (budget != null && !oversight.refuses(new WorkId(unfunded.stepId(), false))) {
      findings.add(
          place,
          Kind.RESERVATION,
          unfunded.stepId(),
          Outcome.REFUSED,
          Outcome.GRANTED,
          "there is room under the rule's limit");
    }
    release(attempt);
  }

  private void release(StepReservation attempt) {
    if (budget != null) {
      budget.release(attempt.reservationId());
    }
  }

  private void settle(Place place, StepReservation attempt, boolean compensation, Spend used) {
    WorkId work = new WorkId(attempt.stepId(), compensation);
    Finding ofAttempt = refused.get(attempt);
    boolean happens = ofAttempt == null && !oversight.refuses(work);
    Spend cost = happens ? priced(used, oversight.step(attempt.stepId()).agentId()) : Spend.NONE;
    count(used, cost);
    oversight.about(work).ifPresent(found -> found.costs(used, cost));
    if (ofAttempt != null) {
      ofAttempt.costs(used, cost);
    }
    if (happens) {
      costs(place, attempt.stepId(), used, cost, oversight.step(attempt.stepId()).agentId());
      if (budget != null && !compensation) {
        budget.settle(attempt.reservationId(), cost);
      }
    }
  }

  private void call(Place place, String callId, Spend used) {
    Optional<Finding> denied = oversight.aboutCall(callId);
    if (denied.isEmpty()) {
      spend(place, callId, used, callers.get(callId));
      return;
    }
    count(used, Spend.NONE);
    denied.get().costs(used, Spend.NONE);
  }

  /** What nobody had reserved. */
  private void spend(Place place, String subject, Spend used, @Nullable String agentId) {
    if (used.equals(Spend.NONE)) {
      return;
    }
    Spend cost = priced(used, agentId);
    String id = "spent:" + place.position();
    LimitExceeded exceeded = budget == null ? null : budget.reserve(id, cost);
    if (exceeded != null) {
      count(used, Spend.NONE);
      findings
          .add(
              place,
              Kind.SPENDING,
              subject,
              Outcome.SPENT,
              Outcome.REFUSED,
              sentence(exceeded),
              remaining(exceeded))
          .costs(used, Spend.NONE);
      return;
    }
    if (budget != null) {
      budget.settle(id, cost);
    }
    count(used, cost);
    costs(place, subject, used, cost, agentId);
  }

  private void costs(
      Place place, String subject, Spend used, Spend cost, @Nullable String agentId) {
    if (!used.equals(cost)) {
      findings
          .add(place, Kind.COST, subject, Outcome.SPENT, Outcome.SPENT, price(agentId))
          .costs(used, cost);
    }
  }

  private String price(@Nullable String agentId) {
    String model = modelOf(agentId);
    Long price = rule.prices() == null ? null : rule.prices().of(model);
    return "%s micro-dollars for 1,000,000 tokens of %s"
        .formatted(price, model == null ? "a model that is not known" : model);
  }

  private void count(Spend used, Spend cost) {
    recorded = recorded.plus(used);
    underRule = underRule.plus(cost);
  }

  private Spend priced(Spend used, @Nullable String agentId) {
    return rule.prices() == null ? used : rule.prices().priced(used, modelOf(agentId));
  }

  private @Nullable String modelOf(@Nullable String agentId) {
    return agentId == null ? null : models.apply(agentId).orElse(null);
  }
}

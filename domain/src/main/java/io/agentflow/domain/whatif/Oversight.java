package io.agentflow.domain.whatif;

import io.agentflow.domain.Decision.Rejected;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.AutonomyMode.Ruling;
import io.agentflow.domain.planning.AutonomyMode.Verdict;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.whatif.Difference.Kind;
import io.agentflow.domain.whatif.Difference.Outcome;
import io.agentflow.domain.whatif.Findings.Finding;
import io.agentflow.domain.whatif.Findings.Place;
import io.agentflow.domain.workflow.ApprovalEvent;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalGranted;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.PlanRun.Version;
import io.agentflow.domain.workflow.RunEvent;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.Step;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.ToolCalled;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.domain.workflow.WorkflowRejection;
import io.agentflow.domain.workflow.WorkflowRejection.ModeForbids;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who would have been asked, and what would not have been handed out. Folds the history twice: as
 * it was, and as the rule takes it. In the second people are taken to have approved what the rule
 * would have asked them, because what they would have said is not known.
 */
final class Oversight {

  private static final String ASSUMED = "what-if";

  private final Rule rule;
  private final Findings findings;
  private final Set<WorkId> refused = new HashSet<>();
  private final Map<WorkId, Finding> ofWork = new HashMap<>();
  private final Map<String, Finding> ofCalls = new HashMap<>();
  private final Set<String> notAsked = new HashSet<>();
  private Workflow recorded = Workflow.initial();
  private Workflow underRule = Workflow.initial();
  private long asked;

  /**
   * What is handed out.
   *
   * @param compensation whether the step is undone, rather than done
   */
  record WorkId(String stepId, boolean compensation) {}

  Oversight(Rule rule, Findings findings) {
    this.rule = rule;
    this.findings = findings;
  }

  /** The step as it was before the event that is seen. */
  Step step(String stepId) {
    return Workflow.runOf(recorded).step(stepId);
  }

  @Nullable String agentOfWorkflow() {
    var description = Workflow.descriptionOf(recorded);
    return description == null ? null : description.agentId();
  }

  boolean refuses(WorkId work) {
    return refused.contains(work);
  }

  Optional<Finding> about(WorkId work) {
    return Optional.ofNullable(ofWork.get(work));
  }

  /** Only of calls that are denied. */
  Optional<Finding> aboutCall(String callId) {
    return Optional.ofNullable(ofCalls.get(callId));
  }

  /** How often people were asked. */
  long asked() {
    return asked;
  }

  void see(Place place, WorkflowEvent event) {
    if (event instanceof ApprovalRequested) {
      asked++;
    }
    if (!rule.concernsAutonomy()) {
      return;
    }
    switch (event) {
      case PlanProposed proposed -> see(place, proposed);
      case WorkflowStarted started -> see(place, started);
      case ApprovalRequested request -> see(place, request);
      case StepReady ready -> see(place, ready);
      case StepAssigned assigned -> see(place, assigned);
      case ToolCalled called -> see(place, called);
      case WorkflowEvent.WorkflowCreated _,
          WorkflowEvent.MessageRecorded _,
          WorkflowEvent.ToolReturned _,
          WorkflowEvent.WorkflowCompleted _,
          WorkflowEvent.WorkflowFailed _,
          RunEvent.PlanApproved _,
          RunEvent.PlanRejected _,
          RunEvent.DeadlineSet _,
          RunEvent.RestartedFrom _,
          RunEvent.StepUnfunded _,
          RunEvent.StepProgressed _,
          RunEvent.StepCompleted _,
          RunEvent.StepCompensated _,
          RunEvent.StepFailed _,
          RunEvent.StepRetryScheduled _,
          RunEvent.StepSkipped _,
          RunEvent.StepCancelled _,
          RunEvent.WaitStarted _,
          RunEvent.SignalReceived _,
          RunEvent.WorkflowPaused _,
          RunEvent.WorkflowResumed _,
          RunEvent.CompensationStarted _,
          RunEvent.WorkflowReopened _,
          RunEvent.WorkflowCancelled _,
          ApprovalEvent _ -> {
        // Nothing is decided by them that a mode or a policy has a say in.
      }
    }
  }

  private void see(Place place, PlanProposed proposed) {
    AutonomyMode mode = rule.mode(proposed.autonomy());
    boolean asks = mode.asksForPlans();
    if (asks != proposed.autonomy().asksForPlans()) {
      findings.add(
          place,
          Kind.PLAN,
          "v" + proposed.planVersion(),
          asks ? Outcome.APPROVED : Outcome.ASKED,
          asks ? Outcome.ASKED : Outcome.APPROVED,
          mode.word() + (asks ? " asks for plans" : " approves plans"));
    }
  }

  private void see(Place place, WorkflowStarted started) {
    StartWorkflow start = new StartWorkflow(new WorkflowId(started.workflowId()), place.at());
    if (Workflow.decide(start, underRule)
        instanceof Rejected<?, WorkflowRejection>(ModeForbids forbids)) {
      findings.add(
          place,
          Kind.START,
          started.workflowId(),
          Outcome.STARTED,
          Outcome.REFUSED,
          forbids.sentence());
    }
  }

  private void see(Place place, ApprovalRequested request) {
    String stepId = request.stepId();
    if (stepId == null || !isWork(stepId)) {
      return;
    }
    WorkId work = new WorkId(stepId, false);
    Verdict verdict = verdict(stepId, AutonomyMode.FULL_AUTO);
    // Where the plan's mode did not ask, the agent's own did, and that would not be another.
    boolean agentAsked = rulingOf(recorded, stepId) == Ruling.RUN;
    if (verdict.ruling() == Ruling.REFUSE) {
      refuse(place, work, Outcome.ASKED, verdict.rule());
    } else if (verdict.ruling() == Ruling.RUN && !agentAsked) {
      notAsked.add(request.approvalId());
      found(place, work, Outcome.ASKED, Outcome.HANDED_OUT, verdict.rule());
    }
  }

  private void see(Place place, StepReady ready) {
    WorkId work = new WorkId(ready.stepId(), ready.compensation());
    if (rule.policy().denies(ready.tool())) {
      refuse(place, work, Outcome.HANDED_OUT, denied(ready.tool()));
    } else if (!ready.compensation() && rulingOf(recorded, ready.stepId()) == Ruling.RUN) {
      judge(place, work, verdict(ready.stepId(), AutonomyMode.FULL_AUTO));
    }
  }

  private void see(Place place, StepAssigned assigned) {
    Version version = Workflow.runOf(recorded).current();
    WorkId work = new WorkId(assigned.stepId(), step(assigned.stepId()).compensation());
    if (version != null && !refuses(work)) {
      boolean agentIsStricter = assigned.autonomy().compareTo(version.autonomy()) < 0;
      AutonomyMode ofAgent = agentIsStricter ? assigned.autonomy() : AutonomyMode.FULL_AUTO;
      judge(place, work, verdict(assigned.stepId(), ofAgent));
    }
  }

  /** What was handed out without asking. */
  private void judge(Place place, WorkId work, Verdict verdict) {
    switch (verdict.ruling()) {
      case RUN -> {
        // As it was.
      }
      case ASK -> {
        found(place, work, Outcome.HANDED_OUT, Outcome.ASKED, verdict.rule());
        assumeApproval(work.stepId(), place);
      }
      case REFUSE -> refuse(place, work, Outcome.HANDED_OUT, verdict.rule());
    }
  }

  private void refuse(Place place, WorkId work, Outcome was, String because) {
    if (refused.add(work)) {
      found(place, work, was, Outcome.REFUSED, because);
    }
  }

  private void found(Place place, WorkId work, Outcome was, Outcome is, String because) {
    ofWork.put(work, findings.add(place, Kind.STEP, work.stepId(), was, is, because));
  }

  private void see(Place place, ToolCalled called) {
    if (rule.policy().denies(called.tool())) {
      ofCalls.put(
          called.callId(),
          findings.add(
              place,
              Kind.TOOL_CALL,
              called.callId(),
              Outcome.CALLED,
              Outcome.REFUSED,
              denied(called.tool())));
    }
  }

  private static String denied(@Nullable String tool) {
    return "the tool " + tool + " is denied";
  }

  private boolean isWork(String stepId) {
    return Workflow.runOf(recorded).plannedAs(stepId).stream().anyMatch(PlanStep::isWork);
  }

  /** What the plan's mode says to a step; of one that is not in the plan, that it may run. */
  private static Ruling rulingOf(Workflow workflow, String stepId) {
    Version version = Workflow.runOf(workflow).current();
    return version == null
        ? Ruling.RUN
        : judged(workflow, version.autonomy(), stepId).map(Verdict::ruling).orElse(Ruling.RUN);
  }

  private Verdict verdict(String stepId, AutonomyMode ofAgent) {
    Version version = Workflow.runOf(underRule).current();
    Optional<PlanStep> planned = Workflow.runOf(underRule).plannedAs(stepId).stream().findFirst();
    if (planned.isPresent() && rule.policy().denies(planned.get().tool()) && !undoes(stepId)) {
      return new Verdict(Ruling.REFUSE, denied(planned.get().tool()));
    }
    return Optional.ofNullable(version)
        .flatMap(current -> judged(underRule, current.autonomy().orStricter(ofAgent), stepId))
        .orElseGet(() -> new Verdict(Ruling.RUN, "it is in no plan"));
  }

  private boolean undoes(String stepId) {
    return step(stepId).compensation();
  }

  private static Optional<Verdict> judged(Workflow workflow, AutonomyMode mode, String stepId) {
    PlanRun run = Workflow.runOf(workflow);
    return run.plannedAs(stepId).stream()
        .findFirst()
        .map(planned -> run.step(stepId).judge(mode, planned));
  }

  /** From here on the step is approved under the rule. */
  private void assumeApproval(String stepId, Place place) {
    String workflowId = underRuleId();
    String approvalId = "%s:%s:%d".formatted(ASSUMED, stepId, place.position());
    for (WorkflowEvent event :
        List.<WorkflowEvent>of(
            new ApprovalRequested(
                workflowId,
                approvalId,
                stepId,
                ASSUMED,
                ASSUMED,
                1,
                List.of(),
                List.of(),
                place.at(),
                null),
            new ApprovalGranted(workflowId, approvalId, ASSUMED, 1, 1))) {
      underRule = Workflow.evolve(underRule, event);
    }
  }

  private String underRuleId() {
    var description = Workflow.descriptionOf(underRule);
    return description == null ? ASSUMED : description.workflowId();
  }

  /** The event is so from now on. */
  void evolve(WorkflowEvent event) {
    recorded = Workflow.evolve(recorded, event);
    boolean wouldNotBe = event instanceof ApprovalEvent of && notAsked.contains(of.approvalId());
    if (rule.concernsAutonomy() && !wouldNotBe) {
      underRule = Workflow.evolve(underRule, rule.taken(event));
    }
  }
}

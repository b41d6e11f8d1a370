package io.agentflow.domain.workflow;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanCheck;
import io.agentflow.domain.planning.PlanFault;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.PlanRun.Version;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunCommand.ReuseResults;
import io.agentflow.domain.workflow.RunEvent.PlanApproved;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.RestartedFrom;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.Workflow.Created;
import io.agentflow.domain.workflow.Workflow.Finished;
import io.agentflow.domain.workflow.Workflow.Running;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.domain.workflow.WorkflowRejection.ModeForbids;
import io.agentflow.domain.workflow.WorkflowRejection.NoPlan;
import io.agentflow.domain.workflow.WorkflowRejection.PlanDropsWork;
import io.agentflow.domain.workflow.WorkflowRejection.PlanHasFaults;
import io.agentflow.domain.workflow.WorkflowRejection.PlanNotApproved;
import io.agentflow.domain.workflow.WorkflowRejection.ResultsDiffer;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownStep;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What happens when a plan is proposed, approved, started, or given what another has done. */
final class PlanDecisions {

  private PlanDecisions() {}

  static Decision<WorkflowEvent, WorkflowRejection> propose(
      ProposePlan command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    String digest = command.plan().digest();
    AutonomyMode mode = command.autonomy().orStricter(command.facts().floor());
    if (isLast(command, mode, digest, run)) {
      return Decision.alreadySo();
    }
    if (workflow instanceof Finished || run.ending() != null) {
      return RunDecisions.wrongPhase("plan", workflow, "created or running");
    }
    if (workflow instanceof Running && run.current() == null) {
      return RunDecisions.wrongPhase("plan", workflow, "created, or running by a plan");
    }
    if (workflow instanceof Running && mode == AutonomyMode.PLAN_ONLY) {
      return Decision.reject(new ModeForbids("plan_only runs nothing, and this runs"));
    }
    List<PlanFault> faults = PlanCheck.faults(command.plan(), command.facts());
    if (!faults.isEmpty()) {
      return Decision.reject(new PlanHasFaults(faults));
    }
    List<String> dropped = dropped(command.plan(), run);
    if (!dropped.isEmpty()) {
      return Decision.reject(new PlanDropsWork(dropped));
    }
    Unfolding unfolding = new Unfolding(workflow, command.at());
    unfolding.stopAskingForPlan();
    unfolding.then(
        new PlanProposed(
            command.workflowId().value(),
            run.versions() + 1,
            command.plan(),
            digest,
            mode,
            command.timeoutMillis(),
            command.by()));
    Version version = unfolding.run().pending();
    if (version != null && mode.asksForPlans()) {
      unfolding.askForPlan(version);
    } else if (version != null) {
      String granted =
          mode == command.autonomy() ? " approves plans" : ", the server's floor, approves plans";
      approve(unfolding, command.workflowId(), version, mode + granted);
    }
    return unfolding.accepted();
  }

  private static boolean isLast(
      ProposePlan command, AutonomyMode mode, String digest, PlanRun run) {
    Version last = run.proposed() != null ? run.proposed() : run.current();
    return last != null
        && last.rejected() == null
        && last.digest().equals(digest)
        && last.autonomy() == mode
        && last.timeoutMillis() == command.timeoutMillis();
  }

  /** Steps that have begun, or are taken over, and that the plan does not keep as they are. */
  static List<String> dropped(Plan next, PlanRun run) {
    Version before = run.current() != null ? run.current() : run.proposed();
    List<PlanStep> planned = before == null ? List.of() : before.plan().steps();
    return planned.stream()
        .filter(step -> run.step(step.stepId()).phase() != Phase.WAITING)
        .filter(step -> !next.step(step.stepId()).equals(Optional.of(step)))
        .map(PlanStep::stepId)
        .toList();
  }

  /** The version is what is carried out from now on. */
  static void approve(Unfolding unfolding, WorkflowId id, Version version, String rule) {
    Version before = unfolding.run().current();
    unfolding.stopAsking();
    unfolding.then(
        new PlanApproved(
            id.value(), version.number(), version.digest(), rule.toLowerCase(Locale.ROOT)));
    if (before != null && before.timeoutMillis() != version.timeoutMillis()) {
      unfolding.setDeadline();
    }
    unfolding.advance();
  }

  /** Starts a workflow that was created; what it has of a plan begins. */
  static Decision<WorkflowEvent, WorkflowRejection> start(StartWorkflow command, Created created) {
    PlanRun run = created.run();
    WorkflowStarted started = new WorkflowStarted(command.workflowId().value());
    Version current = run.current();
    // A version that was rejected leaves the one before it as it was.
    Version open = current == null ? run.proposed() : run.pending();
    if (open != null) {
      return Decision.reject(new PlanNotApproved(open.number()));
    }
    if (current == null) {
      return Decision.accept(started);
    }
    if (current.autonomy() == AutonomyMode.PLAN_ONLY) {
      return Decision.reject(new ModeForbids("plan_only runs nothing"));
    }
    Unfolding unfolding = new Unfolding(created, command.at()).then(started);
    unfolding.setDeadline();
    return unfolding.advance().accepted();
  }

  static Decision<WorkflowEvent, WorkflowRejection> reuse(ReuseResults command, Workflow workflow) {
    PlanRun run = Workflow.runOf(workflow);
    if (run.origin() != null) {
      return run.origin().workflowId().equals(command.originWorkflowId().value())
              && run.origin().fromStepId().equals(command.fromStepId())
              && run.origin().results().equals(Fingerprint.of(command.results()))
          ? Decision.alreadySo()
          : Decision.reject(new ResultsDiffer(run.origin().workflowId()));
    }
    if (!(workflow instanceof Created)) {
      return RunDecisions.wrongPhase("take over results into", workflow, "created");
    }
    Version version = run.current() != null ? run.current() : run.proposed();
    if (version == null) {
      return Decision.reject(new NoPlan());
    }
    Optional<String> unknown =
        Stream.concat(
                Stream.of(command.fromStepId()),
                command.results().stream().map(RunEvent.StepResult::stepId))
            .filter(stepId -> version.plan().step(stepId).isEmpty())
            .findFirst();
    if (unknown.isPresent()) {
      return Decision.reject(new UnknownStep(unknown.get()));
    }
    return Decision.accept(
        new RestartedFrom(
            command.workflowId().value(),
            command.originWorkflowId().value(),
            command.fromStepId(),
            command.results()));
  }
}

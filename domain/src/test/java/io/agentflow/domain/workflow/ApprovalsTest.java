package io.agentflow.domain.workflow;

import static io.agentflow.domain.planning.StepDraft.approval;
import static io.agentflow.domain.planning.StepDraft.plan;
import static io.agentflow.domain.planning.StepDraft.work;
import static io.agentflow.domain.workflow.RunHistory.BUDGET;
import static io.agentflow.domain.workflow.RunHistory.ID;
import static io.agentflow.domain.workflow.RunHistory.PLANNER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.InvalidField;
import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.workflow.Approval.Outcome;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDelegated;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalDenied;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalGranted;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalReminded;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalWithdrawn;
import io.agentflow.domain.workflow.RunCommand.DelegateApproval;
import io.agentflow.domain.workflow.RunCommand.DenyApproval;
import io.agentflow.domain.workflow.RunCommand.ExpireApproval;
import io.agentflow.domain.workflow.RunCommand.GrantApproval;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunCommand.RemindApproval;
import io.agentflow.domain.workflow.RunCommand.RetryStep;
import io.agentflow.domain.workflow.RunEvent.PlanApproved;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.Step.Phase;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowRejection.ApprovalClosed;
import io.agentflow.domain.workflow.WorkflowRejection.DigestDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.ModeForbids;
import io.agentflow.domain.workflow.WorkflowRejection.NotEntitled;
import io.agentflow.domain.workflow.WorkflowRejection.OwnRequest;
import io.agentflow.domain.workflow.WorkflowRejection.PlanNotApproved;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownApproval;
import java.util.List;
import org.junit.jupiter.api.Test;

/** People decide, for themselves or for each other, in time or not. */
class ApprovalsTest {

  @Test
  void of_a_plans_mode_and_the_servers_floor_the_stricter_counts_and_is_recorded() {
    RunHistory run = RunHistory.created();
    Plan plan = plan(work("high").risk(Risk.HIGH));
    run.does(underFloor(run, plan, AutonomyMode.RISK_BASED));
    run.isAlreadySo(underFloor(run, plan, AutonomyMode.RISK_BASED));
    assertThat(run.last(PlanProposed.class).autonomy()).isEqualTo(AutonomyMode.RISK_BASED);
    assertThat(run.last(PlanApproved.class).rule())
        .isEqualTo("risk_based, the server's floor, approves plans");
    run.does(run.start());
    assertThat(run.phaseOf("high")).isEqualTo(Step.Phase.ASKING);

    RunHistory lax = RunHistory.created();
    lax.does(underFloor(lax, plan, AutonomyMode.FULL_AUTO));
    assertThat(lax.last(PlanApproved.class).rule()).isEqualTo("full_auto approves plans");
  }

  /** Asks for full_auto. */
  private static ProposePlan underFloor(RunHistory run, Plan plan, AutonomyMode floor) {
    return new ProposePlan(
        ID,
        plan,
        AutonomyMode.FULL_AUTO,
        0,
        PlanFacts.grantingAtMost(floor),
        RunHistory.PLANNER,
        run.now());
  }

  private static final ApprovalRule ANYONE = new ApprovalRule(1, List.of(), List.of(), 60_000, 0);

  private static ApprovalRule people(int required, String... names) {
    return new ApprovalRule(required, List.of(names), List.of(), 60_000, 20_000);
  }

  private static RunHistory asking(ApprovalRule rule) {
    return RunHistory.running(approval("ok", rule), work("a", "ok"));
  }

  private static DenyApproval deny(RunHistory run, String by) {
    return new DenyApproval(ID, "ok.v1", by, List.of(), "not today", run.now());
  }

  private static DelegateApproval delegate(RunHistory run, String by, String to) {
    return new DelegateApproval(ID, "ok.v1", by, List.of(), to, run.now());
  }

  @Test
  void an_approval_step_is_done_when_as_many_people_as_required_have_approved() {
    RunHistory run = asking(people(2, "ada", "bob", "cem"));
    String digest = run.openApproval().request().digest();

    assertThat(run.openApproval().request())
        .isEqualTo(
            new ApprovalRequested(
                ID.value(),
                "ok.v1",
                "ok",
                digest,
                PLANNER,
                2,
                List.of("ada", "bob", "cem"),
                List.of(),
                run.now().plusMillis(60_000),
                run.now().plusMillis(20_000)));
    assertThat(run.does(run.grant("ada")))
        .containsExactly(new ApprovalGranted(ID.value(), "ok.v1", "ada", 1, 2));
    assertThat(run.phaseOf("a")).isEqualTo(Phase.WAITING);
    assertThat(run.does(run.grant("cem")))
        .hasExactlyElementsOfTypes(ApprovalGranted.class, StepCompleted.class, StepReady.class);
    assertThat(run.step("ok").result()).isEqualTo("approved by ada, cem");
  }

  @Test
  void the_same_person_twice_counts_once() {
    RunHistory run = asking(people(2, "ada", "bob"));
    run.does(run.grant("ada"));

    run.isAlreadySo(run.grant("ada"));
    assertThat(run.openApproval().grantedBy()).containsExactly("ada");
  }

  @Test
  void who_asked_does_not_decide() {
    RunHistory run = asking(people(1, PLANNER, "ada"));

    run.refuses(run.grant(PLANNER), new OwnRequest(PLANNER));
    run.refuses(deny(run, PLANNER), new OwnRequest(PLANNER));
    run.refuses(delegate(run, "ada", PLANNER), new OwnRequest(PLANNER));
  }

  @Test
  void only_people_and_roles_that_are_named_decide() {
    ApprovalRule rule = new ApprovalRule(1, List.of("ada"), List.of("owner"), 60_000, 0);
    RunHistory run = asking(rule);
    NotEntitled not = new NotEntitled("eve", List.of("ada"), List.of("owner"));

    run.refuses(run.grant("eve"), not);
    run.refuses(run.grant("eve", "guest"), not);
    run.refuses(deny(run, "eve"), not);
    run.refuses(delegate(run, "eve", "ada"), not);
    run.does(run.grant("bob", "guest", "owner"));
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
  }

  @Test
  void who_delegates_gives_the_decision_away() {
    RunHistory run = asking(people(1, "ada"));
    DelegateApproval toBob = delegate(run, "ada", "bob");

    assertThat(run.does(toBob))
        .containsExactly(new ApprovalDelegated(ID.value(), "ok.v1", "ada", "bob"));
    run.isAlreadySo(toBob);
    NotEntitled not = new NotEntitled("ada", List.of("ada"), List.of());
    run.refuses(run.grant("ada"), not);
    run.refuses(delegate(run, "ada", "eve"), not);
    run.does(run.grant("bob"));
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
  }

  @Test
  void a_decision_that_is_given_back_can_be_taken_again() {
    RunHistory run = asking(people(1, "ada"));
    run.does(delegate(run, "ada", "bob"));
    run.does(delegate(run, "bob", "ada"));

    run.refuses(run.grant("bob"), new NotEntitled("bob", List.of("ada"), List.of()));
    run.does(run.grant("ada"));
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
  }

  @Test
  void who_has_approved_cannot_have_another_approve_in_the_same_place() {
    RunHistory run = asking(people(2, "ada", "bob"));
    run.does(run.grant("ada"));

    run.refuses(delegate(run, "ada", "eve"), new ApprovalClosed("ok.v1", "granted by ada"));
  }

  @Test
  void nobody_delegates_to_oneself() {
    RunHistory run = asking(ANYONE);

    assertThatThrownBy(() -> delegate(run, "ada", "ada")).isInstanceOf(InvalidField.class);
  }

  @Test
  void one_denial_fails_the_step_and_says_why() {
    RunHistory run = asking(people(2, "ada", "bob"));
    run.does(run.grant("ada"));

    run.does(deny(run, "bob"));
    assertThat(run.last(ApprovalDenied.class).reason()).isEqualTo("not today");
    assertThat(run.last(WorkflowFailed.class).reason())
        .isEqualTo("step ok failed: bob denied it: not today");
    run.isAlreadySo(deny(run, "bob"));
    run.refuses(
        new GrantApproval(
            ID, "ok.v1", "cem", List.of(), run.approval("ok.v1").request().digest(), run.now()),
        new ApprovalClosed("ok.v1", "denied"));
  }

  @Test
  void a_denied_step_that_may_be_skipped_is() {
    RunHistory run =
        RunHistory.running(approval("ok", ANYONE).onFailure(OnFailure.SKIP), work("a", "ok"));
    run.does(deny(run, "bob"));

    assertThat(run.phaseOf("ok")).isEqualTo(Phase.SKIPPED);
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
  }

  @Test
  void what_nobody_decides_in_time_counts_as_denied() {
    RunHistory run = asking(people(1, "ada"));
    run.later(59_999).isAlreadySo(new ExpireApproval(ID, "ok.v1", run.now()));
    GrantApproval late = run.later(1).grant("ada");

    run.refuses(late, new ApprovalClosed("ok.v1", "past its time"));
    run.does(new ExpireApproval(ID, "ok.v1", run.now()));
    assertThat(run.phase()).isEqualTo("failed");
    run.refuses(late, new ApprovalClosed("ok.v1", "expired"));
    run.isAlreadySo(new ExpireApproval(ID, "ok.v1", run.now()));
  }

  @Test
  void a_reminder_is_recorded_once_when_its_time_has_come_and_nobody_has_decided() {
    RunHistory run = asking(people(1, "ada"));
    run.later(19_999).isAlreadySo(new RemindApproval(ID, "ok.v1", run.now()));

    run.later(1);
    assertThat(run.does(new RemindApproval(ID, "ok.v1", run.now())))
        .containsExactly(new ApprovalReminded(ID.value(), "ok.v1"));
    run.isAlreadySo(new RemindApproval(ID, "ok.v1", run.now()));
    run.does(run.grant("ada"));
    run.isAlreadySo(new RemindApproval(ID, "ok.v1", run.now()));
    RunHistory unreminded = asking(ANYONE);
    unreminded.later(59_000).isAlreadySo(new RemindApproval(ID, "ok.v1", unreminded.now()));
  }

  @Test
  void an_approval_counts_for_what_was_looked_at() {
    RunHistory run = asking(ANYONE);
    String digest = run.openApproval().request().digest();

    run.refuses(
        new GrantApproval(ID, "ok.v1", "ada", List.of(), "another", run.now()),
        new DigestDiffers(digest));
    run.refuses(
        new GrantApproval(ID, "none", "ada", List.of(), digest, run.now()),
        new UnknownApproval("none"));
    run.refuses(
        new DenyApproval(ID, "none", "ada", List.of(), "no", run.now()),
        new UnknownApproval("none"));
    run.refuses(
        new DelegateApproval(ID, "none", "ada", List.of(), "bob", run.now()),
        new UnknownApproval("none"));
  }

  @Test
  void a_new_version_of_the_plan_needs_a_new_approval() {
    RunHistory run = asking(people(2, "ada", "bob"));
    run.does(run.grant("ada"));
    GrantApproval old = run.grant("bob");
    Plan longer = plan(approval("ok", people(2, "ada", "bob")), work("a", "ok"), work("b", "a"));
    run.does(run.propose(AutonomyMode.FULL_AUTO, longer));

    assertThat(run.approval("ok.v1").outcome()).isEqualTo(Outcome.WITHDRAWN);
    assertThat(run.openApproval().request().approvalId()).isEqualTo("ok.v2");
    assertThat(run.openApproval().grantedBy()).isEmpty();
    run.refuses(old, new ApprovalClosed("ok.v1", "withdrawn"));
    run.does(run.grant("ada"));
    run.does(run.grant("bob"));
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
  }

  @Test
  void a_new_version_that_comes_in_a_pause_asks_once_the_pause_is_over() {
    RunHistory run = asking(ANYONE);
    run.does(run.pause());
    run.does(
        run.propose(
            AutonomyMode.FULL_AUTO, plan(approval("ok", ANYONE), work("a", "ok"), work("b"))));
    assertThat(run.phaseOf("ok")).isEqualTo(Phase.CANCELLED);

    run.does(run.resume());
    assertThat(run.openApproval().request().approvalId()).isEqualTo("ok.v2");
    assertThat(run.phaseOf("b")).isEqualTo(Phase.READY);
  }

  @Test
  void a_denied_step_that_is_tried_again_asks_again_and_old_answers_do_not_count() {
    RunHistory run = asking(people(2, "ada", "bob"));
    run.does(run.grant("ada"));
    GrantApproval old = run.grant("bob");
    run.does(deny(run, "bob"));
    run.does(new RetryStep(ID, "ok", run.now()));

    assertThat(run.phaseOf("ok")).isEqualTo(Phase.ASKING);
    assertThat(run.openApproval().request().approvalId()).isEqualTo("ok.v1.2");
    assertThat(run.openApproval().grantedBy()).isEmpty();
    run.refuses(old, new ApprovalClosed("ok.v1", "denied"));
    assertThat(run.events(StepReady.class)).isEmpty();
  }

  @Test
  void under_plan_only_a_plan_is_approved_and_nothing_runs() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.PLAN_ONLY, plan(work("a"))));
    run.refuses(run.start(), new PlanNotApproved(1));
    run.does(run.grant("ada"));

    run.refuses(run.start(), new ModeForbids("plan_only runs nothing"));
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a"))));
    run.does(run.start());
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
    run.refuses(
        run.propose(AutonomyMode.PLAN_ONLY, plan(work("a"))),
        new ModeForbids("plan_only runs nothing, and this runs"));
  }

  @Test
  void under_approve_all_the_plan_and_each_step_are_approved() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"), work("b", "a"))));
    assertThat(run.openApproval().request().stepId()).isNull();
    run.does(run.grant("ada"));
    assertThat(run.last(PlanApproved.class).rule()).isEqualTo("people approved it");
    run.does(run.start());

    assertThat(run.phaseOf("a")).isEqualTo(Phase.ASKING);
    run.does(run.grant("ada"));
    run.completes("a");
    assertThat(run.last(StepAssigned.class).rule()).isEqualTo("it was approved");
    assertThat(run.last(StepAssigned.class).autonomy()).isEqualTo(AutonomyMode.APPROVE_ALL);
    assertThat(run.phaseOf("b")).isEqualTo(Phase.ASKING);
  }

  @Test
  void under_canary_only_other_steps_ask() {
    RunHistory run =
        RunHistory.created()
            .startedWith(AutonomyMode.CANARY_ONLY, work("few").canary(), work("all"));

    assertThat(run.phaseOf("few")).isEqualTo(Phase.READY);
    assertThat(run.phaseOf("all")).isEqualTo(Phase.ASKING);
    run.completes("few");
    assertThat(run.last(StepAssigned.class).rule()).isEqualTo("canary_only runs canary steps");
  }

  @Test
  void under_risk_based_steps_above_low_risk_ask() {
    RunHistory run =
        RunHistory.created()
            .startedWith(AutonomyMode.RISK_BASED, work("low"), work("medium").risk(Risk.MEDIUM));

    assertThat(run.phaseOf("low")).isEqualTo(Phase.READY);
    assertThat(run.phaseOf("medium")).isEqualTo(Phase.ASKING);
  }

  @Test
  void under_full_auto_steps_of_critical_risk_ask_those_whom_they_name() {
    ApprovalRule owners = new ApprovalRule(1, List.of(), List.of("owner"), 60_000, 0);
    RunHistory run =
        RunHistory.running(
            work("high").risk(Risk.HIGH), work("drop").risk(Risk.CRITICAL).askedBy(owners));

    assertThat(run.phaseOf("high")).isEqualTo(Phase.READY);
    assertThat(run.phaseOf("drop")).isEqualTo(Phase.ASKING);
    run.refuses(run.grant("eve"), new NotEntitled("eve", List.of(), List.of("owner")));
    run.does(run.grant("ada", "owner"));
    assertThat(run.phaseOf("drop")).isEqualTo(Phase.READY);
  }

  @Test
  void of_the_modes_of_workflow_and_agent_the_stricter_counts() {
    RunHistory run =
        RunHistory.createdWithBudget()
            .startedWith(AutonomyMode.FULL_AUTO, work("a").risk(Risk.MEDIUM));

    assertThat(run.does(run.assign("a", AutonomyMode.RISK_BASED)))
        .hasExactlyElementsOfTypes(StepCancelled.class, ApprovalRequested.class);
    assertThat(run.last(StepCancelled.class).budgetId()).isEqualTo(BUDGET.value());
    run.does(run.grant("ada"));
    assertThat(run.last(StepReady.class).attempt()).isEqualTo(2);
    run.does(run.assign("a", AutonomyMode.RISK_BASED));
    assertThat(run.last(StepAssigned.class).autonomy()).isEqualTo(AutonomyMode.RISK_BASED);
    assertThat(run.last(StepAssigned.class).rule()).isEqualTo("it was approved");
  }

  @Test
  void an_agent_under_plan_only_gets_no_step_whoever_approved_it() {
    RunHistory run =
        RunHistory.created().startedWith(AutonomyMode.RISK_BASED, work("a").risk(Risk.HIGH));
    run.does(run.grant("ada"));

    run.refuses(run.assign("a", AutonomyMode.PLAN_ONLY), new ModeForbids("plan_only runs nothing"));
    run.does(run.assign("a"));
  }

  @Test
  void a_plan_that_is_denied_can_be_proposed_again() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"))));
    run.isAlreadySo(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"))));
    run.does(new DenyApproval(ID, "plan.v1", "ada", List.of(), "too dear", run.now()));

    assertThat(run.last(PlanRejected.class).reason()).isEqualTo("ada denied it: too dear");
    run.refuses(run.start(), new PlanNotApproved(1));
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"))));
    assertThat(run.openApproval().request().approvalId()).isEqualTo("plan.v2");
  }

  @Test
  void a_plan_that_nobody_approves_in_time_is_rejected() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"))));
    run.later(ApprovalRule.EXPIRES_MILLIS_DEFAULT);
    run.does(new ExpireApproval(ID, "plan.v1", run.now()));

    assertThat(run.last(PlanRejected.class).planVersion()).isEqualTo(1);
  }

  @Test
  void a_rejected_version_leaves_the_approved_one_as_it_was() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.FULL_AUTO, plan(work("a"))));
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("b"))));
    run.refuses(run.start(), new PlanNotApproved(2));
    run.does(new DenyApproval(ID, "plan.v2", "ada", List.of(), "no", run.now()));

    run.does(run.start());
    assertThat(run.phaseOf("a")).isEqualTo(Phase.READY);
  }

  @Test
  void a_proposal_replaces_the_one_that_waits_but_no_open_approval_of_a_step() {
    RunHistory run = asking(ANYONE);
    run.does(run.propose(AutonomyMode.APPROVE_ALL, longer("b")));
    run.does(run.propose(AutonomyMode.APPROVE_ALL, longer("c")));

    assertThat(run.events(ApprovalWithdrawn.class))
        .containsExactly(new ApprovalWithdrawn(ID.value(), "plan.v2"));
    assertThat(run.approval("ok.v1").outcome()).isEqualTo(Outcome.OPEN);
    assertThat(run.approval("plan.v3").outcome()).isEqualTo(Outcome.OPEN);
  }

  private static Plan longer(String last) {
    return plan(approval("ok", ANYONE), work("a", "ok"), work(last, "a"));
  }

  @Test
  void a_version_that_waits_when_the_workflow_ends_is_rejected_with_it() {
    RunHistory run = RunHistory.running(work("a"));
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("a"), work("b", "a"))));
    run.completes("a");

    assertThat(run.phase()).isEqualTo("completed");
    assertThat(run.approval("plan.v2").outcome()).isEqualTo(Outcome.WITHDRAWN);
    assertThat(run.last(PlanRejected.class).reason())
        .isEqualTo("the workflow ended before it was approved");
  }

  @Test
  void a_step_called_plan_is_not_taken_for_the_plan() {
    RunHistory run = RunHistory.created();
    run.does(run.propose(AutonomyMode.APPROVE_ALL, plan(work("plan"))));
    run.does(run.grant("ada"));
    run.does(run.start());

    assertThat(run.openApproval().request().approvalId()).isEqualTo("plan.v1.2");
    run.does(run.grant("ada"));
    assertThat(run.phaseOf("plan")).isEqualTo(Phase.READY);
  }
}

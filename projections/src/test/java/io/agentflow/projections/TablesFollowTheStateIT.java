package io.agentflow.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.Approval;
import io.agentflow.domain.workflow.ApprovalEvent;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.DenyApproval;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunEvent;
import io.agentflow.domain.workflow.Step;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.projections.approval.ApprovalRow;
import io.agentflow.projections.step.StepRow;
import io.agentflow.projections.workflow.WorkflowRow;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TablesFollowTheStateIT {

  /** Fewer than most plans have. */
  private static final int STEPS_A_PAGE = 2;

  private static final int RUNS = 150;
  private static final int COMMANDS_A_RUN = 150;
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  private TestTables tables;

  @BeforeEach
  void open() throws SQLException {
    tables = new TestTables();
  }

  @AfterEach
  void close() throws SQLException {
    tables.close();
  }

  @Test
  void whatever_happens_the_tables_say_what_the_state_says() {
    Set<Class<?>> happened = new HashSet<>();
    for (long seed = 1; seed <= RUNS; seed++) {
      ProjectedWorkflow workflow = random(seed);
      workflow.events().forEach(event -> happened.add(event.getClass()));
    }
    assertThat(happened)
        .contains(RunEvent.class.getPermittedSubclasses())
        .contains(ApprovalEvent.class.getPermittedSubclasses());
  }

  private ProjectedWorkflow random(long seed) {
    ProjectedWorkflow workflow = tables.workflow("acme");
    RandomRun run = new RandomRun(seed, workflow.id());
    workflow.given(run.create());
    for (int i = 0; i < COMMANDS_A_RUN; i++) {
      int before = workflow.events().size();
      workflow.when(run.next(workflow.state()));
      List<WorkflowEvent> events = workflow.events();
      if (events.size() > before) {
        assertFollows(
            workflow, "seed %d, after %s".formatted(seed, events.subList(before, events.size())));
      }
    }
    return workflow;
  }

  private void assertFollows(ProjectedWorkflow workflow, String when) {
    Workflow state = workflow.state();
    PlanRun run = Workflow.runOf(state);
    String id = workflow.id().value();
    WorkflowRow row = tables.workflows().get("acme", id, null, null);
    assertThat(row.status()).as(when).isEqualTo(state.phase());
    assertThat(row.version()).as(when).isEqualTo(workflow.events().size() - 1);
    assertThat(row.totalTokens()).as(when).isEqualTo(Workflow.progressOf(state).total().tokens());
    assertThat(row.pausedBecause())
        .as(when)
        .isEqualTo(run.pause() == null ? null : run.pause().reason());
    PlanRun.Version current = run.current();
    List<StepRow> steps =
        inPages(cursor -> tables.steps().list("acme", id, STEPS_A_PAGE, cursor, null));
    if (current != null) {
      assertThat(row.planVersion()).as(when).isEqualTo(current.number());
      assertThat(row.autonomy()).as(when).isEqualTo(word(current.autonomy()));
      assertThat(row.stepsTotal()).as(when).isEqualTo(current.plan().steps().size());
      assertThat(row.stepsDone())
          .as(when)
          .isEqualTo((int) steps.stream().filter(TablesFollowTheStateIT::isDone).count());
      assertThat(steps).as(when).hasSameSizeAs(current.plan().steps());
      for (int i = 0; i < steps.size(); i++) {
        assertFollows(steps.get(i), current.plan().steps().get(i), run, when);
      }
    }
    List<ApprovalRow> approvals =
        inPages(cursor -> tables.approvals().listWorkflowApprovals("acme", id, 1, cursor, null));
    assertThat(approvals).as(when).hasSize(run.approvals().asMap().size());
    for (ApprovalRow approval : approvals) {
      Approval of = Objects.requireNonNull(run.approvals().get(approval.approvalId()), when);
      assertThat(approval.status()).as(when).isEqualTo(word(of.outcome()));
      assertThat(approval.grantedBy()).as(when).containsExactlyInAnyOrderElementsOf(of.grantedBy());
      assertThat(approval.delegates()).as(when).isEqualTo(of.delegates());
      assertThat(approval.remindedAt() != null).as(when).isEqualTo(of.reminded());
      assertThat(approval.expiresAt()).as(when).isEqualTo(of.request().expiresAt());
    }
  }

  private static <T> List<T> inPages(Function<@Nullable String, Page<T>> list) {
    List<T> all = new ArrayList<>();
    Page<T> page = list.apply(null);
    all.addAll(page.items());
    while (page.nextCursor() != null) {
      page = list.apply(page.nextCursor());
      assertThat(page.items()).isNotEmpty();
      all.addAll(page.items());
    }
    return all;
  }

  /** While it is being undone, it is not yet undone. */
  private static boolean isDone(StepRow step) {
    return step.status().equals("completed")
        || step.status().equals("skipped")
        || (step.compensation() && !step.status().equals("undone"));
  }

  private static void assertFollows(StepRow row, PlanStep planned, PlanRun run, String when) {
    Step step = run.step(planned.stepId());
    assertThat(row.stepId()).as(when).isEqualTo(planned.stepId());
    assertThat(row.name()).as(when).isEqualTo(planned.name());
    assertThat(row.needs()).as(when).isEqualTo(planned.needs());
    assertThat(row.status()).as(when).isEqualTo(word(step.phase()));
    assertThat(row.compensation()).as(when).isEqualTo(step.compensation());
    assertThat(row.result()).as(when).isEqualTo(step.result());
    assertThat(row.attempt()).as(when).isEqualTo(step.attempt());
    assertThat(row.agentId()).as(when).isEqualTo(step.agentId());
    assertThat(row.dueAt()).as(when).isEqualTo(step.dueAt());
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Test
  void what_is_told_again_changes_nothing_and_a_rebuild_gives_the_same() {
    List<ProjectedWorkflow> workflows = new ArrayList<>();
    for (long seed = 101; seed <= 110; seed++) {
      workflows.add(random(seed));
    }
    String live = tables.contents();

    workflows.forEach(ProjectedWorkflow::projectAgain);
    assertThat(tables.contents()).isEqualTo(live);

    tables.reset();
    assertThat(tables.contents()).isEmpty();
    workflows.forEach(ProjectedWorkflow::projectAgain);
    assertThat(tables.contents()).isEqualTo(live);
  }

  @Test
  void a_plan_has_rows_once_it_is_approved_and_its_approval_names_it() {
    ProjectedWorkflow asked = proposed("acme", AutonomyMode.APPROVE_ALL);
    String id = asked.id().value();

    assertThat(tables.steps().list("acme", id, 500, null, null).items()).isEmpty();
    assertThat(tables.workflows().get("acme", id, null, null).proposedPlanVersion()).isEqualTo(1);
    ApprovalRow open =
        tables.approvals().list("acme", "open", null, null, 10, null, null).items().getFirst();
    assertThat(open.what()).isEqualTo("plan");
    assertThat(open.workflowName()).isEqualTo("run");
    assertThat(open.digest()).isEqualTo(TestPlans.SHORT.digest());

    asked.given(new DenyApproval(asked.id(), open.approvalId(), "ann", List.of(), "too dear", AT));
    assertThat(tables.approvals().list("acme", "open", null, null, 10, null, null).items())
        .isEmpty();
    assertThat(tables.approvals().list("acme", null, null, null, 10, null, null).items())
        .singleElement()
        .satisfies(
            denied -> {
              assertThat(denied.deniedBy()).isEqualTo("ann");
              assertThat(denied.reason()).isEqualTo("too dear");
            });
  }

  @Test
  void approvals_come_in_pages_newest_first_and_by_status() {
    for (int i = 0; i < 5; i++) {
      proposed("acme", AutonomyMode.APPROVE_ALL);
    }
    Page<ApprovalRow> first = tables.approvals().list("acme", "open", null, null, 3, null, null);
    Page<ApprovalRow> second =
        tables.approvals().list("acme", "open", null, null, 3, first.nextCursor(), null);

    assertThat(first.items()).hasSize(3);
    assertThat(second.items()).hasSize(2);
    assertThat(second.nextCursor()).isNull();
    assertThat(second.items().getFirst().createdPosition())
        .isLessThan(first.items().getLast().createdPosition());
    assertThat(tables.approvals().list("acme", "denied", null, null, 3, null, null).items())
        .isEmpty();
    assertThatThrownBy(() -> tables.approvals().list("acme", "lost", null, null, 3, null, null))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("withdrawn");
  }

  @Test
  void another_tenant_finds_neither_steps_nor_approvals() {
    ProjectedWorkflow mine = proposed("acme", AutonomyMode.FULL_AUTO);
    String id = mine.id().value();

    assertThat(tables.steps().list("acme", id, 500, null, null).items()).hasSize(5);
    assertThatThrownBy(() -> tables.steps().list("other", id, 500, null, null))
        .isInstanceOf(RowNotFound.class);
    assertThatThrownBy(() -> tables.approvals().listWorkflowApprovals("other", id, 500, null, null))
        .isInstanceOf(RowNotFound.class);
    assertThat(tables.approvals().list("other", null, null, null, 10, null, null).items())
        .isEmpty();
  }

  @Test
  void a_long_result_is_cut_but_never_within_a_character() {
    ProjectedWorkflow workflow = proposed("acme", AutonomyMode.FULL_AUTO);
    WorkflowId id = workflow.id();
    workflow.given(
        new StartWorkflow(id, AT),
        new AssignStep(
            id,
            "collect",
            1,
            new AgentId("018f4e6a-0000-7000-8000-0000000000a1"),
            AutonomyMode.FULL_AUTO,
            null,
            "lease",
            30_000,
            0,
            AT),
        new CompleteStep(id, "collect", "lease", "a" + "𝄞".repeat(900), new Spend(7, 9), AT));

    StepRow collected = tables.steps().list("acme", id.value(), 500, null, null).items().getFirst();
    assertThat(collected.result()).isEqualTo("a" + "𝄞".repeat(499));
    assertThat(collected.tokens()).isEqualTo(7);
    assertThat(collected.microDollars()).isEqualTo(9);
  }

  private ProjectedWorkflow proposed(String tenantId, AutonomyMode mode) {
    ProjectedWorkflow workflow = tables.workflow(tenantId);
    return workflow.given(
        new CreateWorkflow(workflow.id(), "run", "do it", null, null, Map.of()),
        new ProposePlan(workflow.id(), TestPlans.SHORT, mode, 0, PlanFacts.NONE, "planner", AT));
  }
}

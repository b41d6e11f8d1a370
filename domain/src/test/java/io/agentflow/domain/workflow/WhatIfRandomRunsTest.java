package io.agentflow.domain.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Checks;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.whatif.Difference;
import io.agentflow.domain.whatif.Difference.Kind;
import io.agentflow.domain.whatif.Difference.Outcome;
import io.agentflow.domain.whatif.Limit;
import io.agentflow.domain.whatif.Policy;
import io.agentflow.domain.whatif.Prices;
import io.agentflow.domain.whatif.Rule;
import io.agentflow.domain.whatif.WhatIf;
import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.StepAssigned;
import io.agentflow.domain.workflow.RunEvent.StepUnfunded;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Runs of all shapes, judged by other rules and by their own. */
class WhatIfRandomRunsTest {

  private static final int RUNS = 150;
  private static final Instant BEGUN = Instant.parse("2026-01-02T03:04:05Z");

  private final long seed = new Random().nextLong();

  private interface OfRun {
    void check(List<WorkflowEvent> events);
  }

  private void eachRun(OfRun run) {
    for (int i = 0; i < RUNS; i++) {
      List<WorkflowEvent> events = RandomRunsTest.lived(seed + i);
      try {
        run.check(events);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + (seed + i) + ": " + e.getMessage(), e);
      }
    }
  }

  private static WhatIf.Run under(Rule rule, List<WorkflowEvent> events) {
    WhatIf whatIf = new WhatIf(rule, agentId -> Optional.of("model"));
    long position = 0;
    for (WorkflowEvent event : events) {
      position++;
      whatIf.see(position, BEGUN.plusSeconds(position), event);
    }
    return whatIf.run();
  }

  private static void assertAsItWas(Rule rule, List<WorkflowEvent> events) {
    WhatIf.Run run = under(rule, events);
    assertThat(run.differences()).as("%s", rule).isEmpty();
    assertThat(run.cost()).isEqualTo(run.recordedCost());
    assertThat(run.askedUnderRule()).isEqualTo(run.asked());
  }

  private static Rule limit(long tokens) {
    return new Rule(null, null, Policy.NONE, null, new Limit(tokens, null));
  }

  @Test
  void a_rule_that_says_nothing_and_the_rule_that_was_in_force_find_no_difference() {
    Set<AutonomyMode> seen = new HashSet<>();
    eachRun(
        events -> {
          assertAsItWas(Rule.NONE, events);
          assertAsItWas(
              new Rule(
                  null,
                  AutonomyMode.FULL_AUTO,
                  new Policy(Map.of("nothing", Risk.HIGH), Map.of(), Set.of("nothing")),
                  new Prices(Map.of("another", 7L), null),
                  null),
              events);
          Set<AutonomyMode> modes =
              events.stream()
                  .filter(PlanProposed.class::isInstance)
                  .map(proposed -> ((PlanProposed) proposed).autonomy())
                  .collect(Collectors.toSet());
          if (modes.size() == 1) {
            seen.addAll(modes);
            assertAsItWas(Rule.of(modes.iterator().next()), events);
          }
        });
    assertThat(seen).as("seed %d", seed).hasSizeGreaterThan(2);
  }

  @Test
  void a_limit_that_nobody_reaches_differs_only_where_a_budget_had_refused() {
    eachRun(
        events ->
            assertThat(under(limit(Checks.EXACT_INTEGER_MAX), events).differences())
                .hasSize((int) events.stream().filter(StepUnfunded.class::isInstance).count())
                .allMatch(
                    difference ->
                        difference.recorded() == Outcome.REFUSED
                            && difference.underRule() == Outcome.GRANTED));
  }

  /** The fold derives the reason that was recorded, so it judges as it was judged. */
  @Test
  void the_rule_that_was_recorded_with_each_lease_is_derived_again() {
    eachRun(
        events -> {
          Workflow state = Workflow.initial();
          for (WorkflowEvent event : events) {
            if (event instanceof StepAssigned assigned) {
              PlanRun run = Workflow.runOf(state);
              PlanStep planned = run.plannedAs(assigned.stepId()).getFirst();
              assertThat(run.step(assigned.stepId()).judge(assigned.autonomy(), planned).rule())
                  .isEqualTo(assigned.rule());
            }
            state = Workflow.evolve(state, event);
          }
        });
  }

  /**
   * Where a mode says ask to all steps to which another says so, it asks as often or more often.
   * That is so of each mode and a stricter one, but for {@code canary_only}: canary steps run under
   * it however risky they are.
   */
  @Test
  void a_stricter_mode_never_asks_less_often() {
    List<AutonomyMode> stricterFirst =
        List.of(AutonomyMode.APPROVE_ALL, AutonomyMode.RISK_BASED, AutonomyMode.FULL_AUTO);
    eachRun(
        events -> {
          long stricter = Long.MAX_VALUE;
          for (AutonomyMode mode : stricterFirst) {
            long asked = under(Rule.of(mode), events).askedUnderRule();
            assertThat(asked).as("%s", mode).isLessThanOrEqualTo(stricter);
            stricter = asked;
          }
          assertThat(under(Rule.of(AutonomyMode.CANARY_ONLY), events).askedUnderRule())
              .isLessThanOrEqualTo(
                  under(Rule.of(AutonomyMode.APPROVE_ALL), events).askedUnderRule());
        });
  }

  @Test
  void nothing_runs_under_plan_only_and_nothing_costs() {
    eachRun(
        events -> {
          WhatIf.Run run = under(Rule.of(AutonomyMode.PLAN_ONLY), events);
          assertThat(run.cost()).isEqualTo(Spend.NONE);
          assertThat(run.differences())
              .filteredOn(difference -> difference.kind() == Kind.STEP)
              .allMatch(difference -> difference.underRule() == Outcome.REFUSED);
          boolean assigned = events.stream().anyMatch(StepAssigned.class::isInstance);
          assertThat(run.differences().stream().anyMatch(of -> of.kind() == Kind.START))
              .isEqualTo(events.stream().anyMatch(WorkflowEvent.WorkflowStarted.class::isInstance));
          assertThat(run.differences().stream().anyMatch(of -> of.kind() == Kind.STEP) || !assigned)
              .isTrue();
        });
  }

  @Test
  void differences_stand_in_the_order_of_the_log_and_the_first_ones_before_the_others() {
    eachRun(
        events -> {
          Rule rule =
              new Rule(
                  AutonomyMode.RISK_BASED,
                  null,
                  new Policy(Map.of(), Map.of(StepKind.AGENT, Risk.LOW), Set.of("undo")),
                  new Prices(Map.of(), 3_000_000L),
                  new Limit(200L, null));
          List<Difference> differences = under(rule, events).differences();
          assertThat(differences)
              .isSortedAccordingTo((a, b) -> Long.compare(a.position(), b.position()));
          assertThat(differences)
              .isSortedAccordingTo((a, b) -> Boolean.compare(b.first(), a.first()));
          assertThat(
                  differences.stream().filter(of -> of.first() && of.kind() != Kind.COST).count())
              .isLessThanOrEqualTo(1);
          assertThat(under(rule, events)).isEqualTo(under(rule, events));
        });
  }

  @Test
  void each_step_that_was_handed_out_is_asked_about_where_all_are_critical() {
    Rule critical =
        new Rule(
            AutonomyMode.FULL_AUTO,
            null,
            new Policy(
                Map.of(),
                Map.of(StepKind.AGENT, Risk.CRITICAL, StepKind.TOOL, Risk.CRITICAL),
                Set.of()),
            null,
            null);
    eachRun(
        events -> {
          Set<String> asked =
              under(critical, events).differences().stream()
                  .filter(of -> of.kind() == Kind.STEP && of.underRule() == Outcome.ASKED)
                  .map(Difference::subject)
                  .collect(Collectors.toSet());
          Workflow state = Workflow.initial();
          for (WorkflowEvent event : events) {
            if (event instanceof ApprovalRequested request && request.stepId() != null) {
              asked.add(request.stepId());
            }
            if (event instanceof StepAssigned assigned
                && !Workflow.runOf(state).step(assigned.stepId()).compensation()) {
              assertThat(asked).contains(assigned.stepId());
            }
            state = Workflow.evolve(state, event);
          }
        });
  }

  @Test
  void under_a_limit_nothing_costs_more_than_it_did_and_what_it_did_cost_is_told() {
    eachRun(
        events -> {
          WhatIf.Run run = under(limit(50), events);
          assertThat(run.cost().isWithin(run.recordedCost())).isTrue();
          assertThat(run.recordedCost())
              .isEqualTo(Workflow.progressOf(Workflow.fold(events)).total());
        });
  }
}

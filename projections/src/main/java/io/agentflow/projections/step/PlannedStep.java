package io.agentflow.projections.step;

import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What the table of steps takes from a plan; kept until the plan is approved.
 *
 * @param ordinal where it stands in the plan, from 0
 */
record PlannedStep(
    int ordinal, String id, String name, String kind, List<String> needs, String risk) {

  /** How PostgreSQL reads a list of these. */
  static final String COLUMNS =
      "ordinal integer, id text, name text, kind text, needs jsonb, risk text";

  static List<PlannedStep> of(Plan plan) {
    return IntStream.range(0, plan.steps().size())
        .mapToObj(ordinal -> of(ordinal, plan.steps().get(ordinal)))
        .toList();
  }

  private static PlannedStep of(int ordinal, PlanStep step) {
    return new PlannedStep(
        ordinal,
        step.stepId(),
        step.name(),
        step.kind().name().toLowerCase(Locale.ROOT),
        step.needs(),
        step.risk().name().toLowerCase(Locale.ROOT));
  }
}

package io.agentflow.projections.step;

import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the table of steps takes from a plan; kept until the plan is approved.
 *
 * @param ordinal where it stands in the plan, from 0
 */
record PlannedStep(
    int ordinal, String id, String name, String kind, List<String> needs, String risk) {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<List<PlannedStep>> STEPS = new TypeReference<>() {};

  /** Reads what a row holds: these, or what JSON made of them. */
  static List<PlannedStep> read(List<?> steps) {
    return JSON.convertValue(steps, STEPS);
  }

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

package io.agentflow.domain.planning;

import java.util.List;

/** Placeholder until merged. */
public final class PlanCheck {
  private PlanCheck() {}

  public static List<PlanFault> faults(Plan plan, PlanFacts facts) {
    return List.of();
  }
}

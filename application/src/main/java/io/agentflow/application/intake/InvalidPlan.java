package io.agentflow.application.intake;

import io.agentflow.domain.planning.PlanFault;
import java.util.List;

/** A plan that cannot be taken, with all that is wrong with it. */
public final class InvalidPlan extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<PlanFault> faults;

  /**
   * Refuses a plan.
   *
   * @param faults at least one
   */
  public InvalidPlan(List<PlanFault> faults) {
    super(sentence(faults));
    this.faults = List.copyOf(faults);
  }

  public List<PlanFault> faults() {
    return faults;
  }

  private static String sentence(List<PlanFault> faults) {
    PlanFault first = faults.getFirst();
    return faults.size() == 1
        ? "%s %s".formatted(first.at(), first.fault())
        : "the plan has %d faults; the first: %s %s"
            .formatted(faults.size(), first.at(), first.fault());
  }
}

package io.agentflow.domain.whatif;

import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.WorkflowEvent;
import org.jspecify.annotations.Nullable;

/**
 * Another rule than the one that was in force. What it does not name is as it was.
 *
 * @param autonomy the mode of every plan
 * @param autonomyFloor what any plan is granted at most
 * @param limit of each workflow's own spending
 */
public record Rule(
    @Nullable AutonomyMode autonomy,
    @Nullable AutonomyMode autonomyFloor,
    Policy policy,
    @Nullable Prices prices,
    @Nullable Limit limit) {

  /** All is as it was. */
  public static final Rule NONE = new Rule(null, null, Policy.NONE, null, null);

  /** A rule about nothing but the mode. */
  public static Rule of(AutonomyMode autonomy) {
    return new Rule(autonomy, null, Policy.NONE, null, null);
  }

  /** Whether it can say anything else of who is asked and of what is handed out. */
  boolean concernsAutonomy() {
    return autonomy != null || autonomyFloor != null || !policy.equals(Policy.NONE);
  }

  AutonomyMode mode(AutonomyMode recorded) {
    AutonomyMode asked = autonomy == null ? recorded : autonomy;
    return autonomyFloor == null ? asked : asked.orStricter(autonomyFloor);
  }

  /** The event as the state under this rule takes it. */
  WorkflowEvent taken(WorkflowEvent event) {
    return event instanceof PlanProposed proposed
        ? new PlanProposed(
            proposed.workflowId(),
            proposed.planVersion(),
            policy.judged(proposed.plan()),
            proposed.planDigest(),
            mode(proposed.autonomy()),
            proposed.timeoutMillis(),
            proposed.proposedBy())
        : event;
  }
}

package io.agentflow.application.work;

import io.agentflow.domain.workflow.RunEvent.StepReady;

/**
 * A step that can be handed out.
 *
 * @param since the position of the event that made it ready: the oldest goes first
 */
record WorkItem(String tenantId, StepReady step, long since) {

  /** Names the step among those of all workflows. */
  record Key(String workflowId, String stepId) {}

  Key key() {
    return new Key(step.workflowId(), step.stepId());
  }

  Demand demand() {
    return new Demand(tenantId, step.agentId(), step.capability(), step.tool());
  }
}

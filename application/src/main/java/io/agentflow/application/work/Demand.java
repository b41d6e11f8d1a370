package io.agentflow.application.work;

import io.agentflow.domain.planning.AutonomyMode;
import org.jspecify.annotations.Nullable;

/** What a step wants of who carries it out; steps that want the same stand in one line. */
record Demand(
    String tenantId, @Nullable String agentId, @Nullable String capability, @Nullable String tool) {

  /** An agent that may only plan meets none: the workflow would not give it a step. */
  boolean isMetBy(Worker worker) {
    return tenantId.equals(worker.tenantId())
        && worker.abilities().autonomy() != AutonomyMode.PLAN_ONLY
        && (agentId == null || agentId.equals(worker.agentId()))
        && (capability == null || worker.abilities().capabilities().contains(capability))
        && (tool == null || worker.abilities().tools().contains(tool));
  }
}

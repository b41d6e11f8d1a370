package io.agentflow.application.work;

import org.jspecify.annotations.Nullable;

/** What a step wants of who carries it out; steps that want the same stand in one line. */
record Demand(
    String tenantId, @Nullable String agentId, @Nullable String capability, @Nullable String tool) {

  boolean isMetBy(Worker worker) {
    return tenantId.equals(worker.tenantId())
        && (agentId == null || agentId.equals(worker.agentId()))
        && worker.abilities().suffice(capability, tool);
  }
}

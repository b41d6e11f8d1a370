package io.agentflow.domain.workflow;

import io.agentflow.domain.Checks;

/** Names a workflow among those of all tenants: a UUID in lower case. */
public record WorkflowId(String value) {
  public WorkflowId {
    Checks.uuid("workflowId", value);
  }
}

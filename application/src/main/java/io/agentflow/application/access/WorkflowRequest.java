package io.agentflow.application.access;

import io.agentflow.domain.tenant.Scope;

/** A body that describes a new workflow, hence says in which part of its tenant that will be. */
public interface WorkflowRequest {

  Scope scope();
}

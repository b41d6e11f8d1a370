package io.agentflow.application.access;

import io.agentflow.domain.tenant.Scope;

/** A role, and the part of the tenant in which it counts. */
public record RoleAt(Role role, Scope scope) {}

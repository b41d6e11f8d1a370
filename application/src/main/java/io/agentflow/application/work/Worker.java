package io.agentflow.application.work;

import io.agentflow.domain.agent.Abilities;

/** An agent that asks for work. */
record Worker(String tenantId, String agentId, Abilities abilities) {}

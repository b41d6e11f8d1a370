/** Agents, decided and evolved. */
@NullMarked
package io.agentflow.domain.agent;

import org.jspecify.annotations.NullMarked;

/** Who does the work: role, model, abilities, standing, presence. */
@NullMarked
package io.agentflow.domain.agent;

import org.jspecify.annotations.NullMarked;

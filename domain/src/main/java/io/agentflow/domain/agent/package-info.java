/** Who does the work: role, model, tools, standing. */
@NullMarked
package io.agentflow.domain.agent;

import org.jspecify.annotations.NullMarked;

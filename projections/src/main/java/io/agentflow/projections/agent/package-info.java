/** The table of agents: what writes it, what a row is, what answers from it. */
@NullMarked
package io.agentflow.projections.agent;

import org.jspecify.annotations.NullMarked;

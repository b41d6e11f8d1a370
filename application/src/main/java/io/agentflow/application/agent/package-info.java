/** Agents: the shell around their decider and their commands over HTTP. */
@NullMarked
package io.agentflow.application.agent;

import org.jspecify.annotations.NullMarked;

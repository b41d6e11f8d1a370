/** Budgets: the shell around their decider and their commands over HTTP. */
@NullMarked
package io.agentflow.application.budget;

import org.jspecify.annotations.NullMarked;

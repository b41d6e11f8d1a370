/** Workflows: the shell around their decider, their commands over HTTP, their history. */
@NullMarked
package io.agentflow.application.workflow;

import org.jspecify.annotations.NullMarked;

/** Tenants: the shell around their decider, and who may do what in them, over HTTP. */
@NullMarked
package io.agentflow.application.tenant;

import org.jspecify.annotations.NullMarked;

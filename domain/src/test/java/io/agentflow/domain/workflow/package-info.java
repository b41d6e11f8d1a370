/** Workflows, decided and evolved. */
@NullMarked
package io.agentflow.domain.workflow;

import org.jspecify.annotations.NullMarked;

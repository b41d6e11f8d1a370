/** Refusals as clients see them. */
@NullMarked
package io.agentflow.application.intake;

import org.jspecify.annotations.NullMarked;

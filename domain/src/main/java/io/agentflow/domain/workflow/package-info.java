/** One run of work: what it was told, what it did, what it cost, how it ended. */
@NullMarked
package io.agentflow.domain.workflow;

import org.jspecify.annotations.NullMarked;

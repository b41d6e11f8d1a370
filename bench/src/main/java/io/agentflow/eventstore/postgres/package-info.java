/** What a benchmark has to reach inside the writer for. */
@NullMarked
package io.agentflow.eventstore.postgres;

import org.jspecify.annotations.NullMarked;

/** The writer and the engine on a real PostgreSQL. */
@NullMarked
package io.agentflow.eventstore.postgres;

import org.jspecify.annotations.NullMarked;

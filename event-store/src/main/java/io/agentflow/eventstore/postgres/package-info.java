/** The log in PostgreSQL: one writer a node, group commit, behind Axon's storage engine. */
@NullMarked
package io.agentflow.eventstore.postgres;

import org.jspecify.annotations.NullMarked;

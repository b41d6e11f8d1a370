/** How the log is remembered: knows bytes, names and hashes, not workflows. */
@NullMarked
package io.agentflow.eventstore;

import org.jspecify.annotations.NullMarked;

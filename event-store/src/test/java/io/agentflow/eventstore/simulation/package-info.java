/**
 * Breaks the log's surroundings on purpose, by a seed, and looks whether the log's promises hold.
 */
@NullMarked
package io.agentflow.eventstore.simulation;

import org.jspecify.annotations.NullMarked;

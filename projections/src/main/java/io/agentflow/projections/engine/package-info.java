/**
 * Fills the tables of projections by the log: live, and in copies beside them while a projection is
 * built again. What an event breaks is set aside, and the others go on.
 */
@NullMarked
package io.agentflow.projections.engine;

import org.jspecify.annotations.NullMarked;

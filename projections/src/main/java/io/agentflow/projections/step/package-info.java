/** The table of steps: what writes it, what a row is, what answers from it. */
@NullMarked
package io.agentflow.projections.step;

import org.jspecify.annotations.NullMarked;

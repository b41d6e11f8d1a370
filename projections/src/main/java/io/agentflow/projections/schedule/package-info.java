/** The table of schedules: what writes it, what a row is, what answers from it. */
@NullMarked
package io.agentflow.projections.schedule;

import org.jspecify.annotations.NullMarked;

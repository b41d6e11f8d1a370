/** The table of workflows: what writes it, what a row is, what answers from it. */
@NullMarked
package io.agentflow.projections.workflow;

import org.jspecify.annotations.NullMarked;

/** The table of budgets: what writes it, what a row is, what answers from it. */
@NullMarked
package io.agentflow.projections.budget;

import org.jspecify.annotations.NullMarked;

/** The table of approvals: what writes it, what a row is, what answers from it. */
@NullMarked
package io.agentflow.projections.approval;

import org.jspecify.annotations.NullMarked;

/** Tables against a real PostgreSQL, filled by what the deciders decide. */
@NullMarked
package io.agentflow.projections;

import org.jspecify.annotations.NullMarked;

/** The tables of role bindings and keys, for people who write SQL. */
@NullMarked
package io.agentflow.projections.access;

import org.jspecify.annotations.NullMarked;

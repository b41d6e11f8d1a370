/**
 * What a workflow is to do, before anything is done: plans, how far agents may act alone, and what
 * makes a plan admissible.
 */
@NullMarked
package io.agentflow.domain.planning;

import org.jspecify.annotations.NullMarked;

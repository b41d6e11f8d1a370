/** The form that is hashed. */
@NullMarked
package io.agentflow.eventstore.chain;

import org.jspecify.annotations.NullMarked;

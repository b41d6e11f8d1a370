/** A tampered log is found out. */
@NullMarked
package io.agentflow.eventstore.verify;

import org.jspecify.annotations.NullMarked;

/** Checks the log from its bytes alone; shares nothing with what wrote it but the hash's form. */
@NullMarked
package io.agentflow.eventstore.verify;

import org.jspecify.annotations.NullMarked;

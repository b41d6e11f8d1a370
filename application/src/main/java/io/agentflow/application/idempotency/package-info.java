/** Requests under a key of the client's are carried out once, and answered as often as asked. */
@NullMarked
package io.agentflow.application.idempotency;

import org.jspecify.annotations.NullMarked;

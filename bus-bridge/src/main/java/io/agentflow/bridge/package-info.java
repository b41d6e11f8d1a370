/** Tells the log to NATS JetStream: each entry once, in order, and a history again on request. */
@NullMarked
package io.agentflow.bridge;

import org.jspecify.annotations.NullMarked;

/** Commands that come by request and reply, for whoever speaks NATS alone. */
@NullMarked
package io.agentflow.bridge.command;

import org.jspecify.annotations.NullMarked;

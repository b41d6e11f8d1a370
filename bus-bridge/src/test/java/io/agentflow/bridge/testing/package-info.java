/** What tests of the bus need: a real nats-server. */
@NullMarked
package io.agentflow.bridge.testing;

import org.jspecify.annotations.NullMarked;

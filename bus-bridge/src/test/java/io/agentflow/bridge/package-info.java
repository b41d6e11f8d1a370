/** The bridge on a real PostgreSQL and a real nats-server. */
@NullMarked
package io.agentflow.bridge;

import org.jspecify.annotations.NullMarked;

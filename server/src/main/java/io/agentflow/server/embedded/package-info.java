/** The services that one machine needs: a PostgreSQL and a nats-server as child processes. */
@NullMarked
package io.agentflow.server.embedded;

import org.jspecify.annotations.NullMarked;

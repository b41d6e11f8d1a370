/** Traces: spans of requests and commands, and how they get to a collector. */
@NullMarked
package io.agentflow.server.telemetry;

import org.jspecify.annotations.NullMarked;

/** The worker against real processes, and against a server that speaks the lease contract. */
@NullMarked
package io.agentflow.cli.worker;

import org.jspecify.annotations.NullMarked;

/** Commands come in, decisions are recorded: the Axon shells around the deciders. */
@NullMarked
package io.agentflow.application;

import org.jspecify.annotations.NullMarked;

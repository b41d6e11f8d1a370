/** The client, against servers that misbehave on purpose. */
@NullMarked
package io.agentflow.client;

import org.jspecify.annotations.NullMarked;

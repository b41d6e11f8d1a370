/** What comes by the bus goes the way that everything goes: through the API. */
@NullMarked
package io.agentflow.server.command;

import org.jspecify.annotations.NullMarked;

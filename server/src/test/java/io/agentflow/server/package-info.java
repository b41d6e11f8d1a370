/** The whole product, started as its users start it; and rules about the code itself. */
@NullMarked
package io.agentflow.server;

import org.jspecify.annotations.NullMarked;

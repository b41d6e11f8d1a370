/** Assembles the rooms into one program: {@code af}. */
@NullMarked
package io.agentflow.server;

import org.jspecify.annotations.NullMarked;

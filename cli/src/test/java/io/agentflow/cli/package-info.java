/** The command line by itself. */
@NullMarked
package io.agentflow.cli;

import org.jspecify.annotations.NullMarked;

/** {@code af}: the command line. It speaks HTTP like everyone else. */
@NullMarked
package io.agentflow.cli;

import org.jspecify.annotations.NullMarked;

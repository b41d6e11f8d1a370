/** Recorded agent runs: read from JSON Lines, checked, and driven through the command API. */
@NullMarked
package io.agentflow.cli.runs;

import org.jspecify.annotations.NullMarked;

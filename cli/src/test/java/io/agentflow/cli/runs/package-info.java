/** Reading recorded runs. */
@NullMarked
package io.agentflow.cli.runs;

import org.jspecify.annotations.NullMarked;

/** Measures; each figure beside a peer or a limit of the same run, because machines are noisy. */
@NullMarked
package io.agentflow.bench;

import org.jspecify.annotations.NullMarked;

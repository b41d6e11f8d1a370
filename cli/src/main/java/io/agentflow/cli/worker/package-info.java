/** {@code af worker}: an agent that takes steps by lease, does them with its tools, and answers. */
@NullMarked
package io.agentflow.cli.worker;

import org.jspecify.annotations.NullMarked;

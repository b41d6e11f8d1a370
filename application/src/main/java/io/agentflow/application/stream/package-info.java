/**
 * The log as it grows, for one tenant's readers: server-sent events, read from the log itself.
 * Nothing is kept for a reader but where it is; what it has missed it reads again.
 */
@NullMarked
package io.agentflow.application.stream;

import org.jspecify.annotations.NullMarked;

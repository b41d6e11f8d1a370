/** Generates the event catalogue of {@code docs/events} and holds it against the code. */
@NullMarked
package io.agentflow.server.catalogue;

import org.jspecify.annotations.NullMarked;

/** What tests of the log need: a real PostgreSQL, and a few events. */
@NullMarked
package io.agentflow.eventstore.testing;

import org.jspecify.annotations.NullMarked;

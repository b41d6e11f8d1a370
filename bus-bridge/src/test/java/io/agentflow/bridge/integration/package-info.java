/** The public event types, from entries as the log has them. */
@NullMarked
package io.agentflow.bridge.integration;

import org.jspecify.annotations.NullMarked;

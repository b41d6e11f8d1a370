/** The public event types, each made from one entry of the log and from nothing else. */
@NullMarked
package io.agentflow.bridge.integration;

import org.jspecify.annotations.NullMarked;

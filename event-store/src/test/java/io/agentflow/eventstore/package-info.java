@NullMarked
package io.agentflow.eventstore;

import org.jspecify.annotations.NullMarked;

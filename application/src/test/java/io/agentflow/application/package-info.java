/** The shells' wiring, and the storage formats that have to load for ever. */
@NullMarked
package io.agentflow.application;

import org.jspecify.annotations.NullMarked;

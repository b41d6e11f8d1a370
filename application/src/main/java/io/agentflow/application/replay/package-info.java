/** Histories, published again: as jobs that are paused, resumed and cancelled. */
@NullMarked
package io.agentflow.application.replay;

import org.jspecify.annotations.NullMarked;

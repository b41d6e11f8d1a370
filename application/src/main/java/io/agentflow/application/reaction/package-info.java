/**
 * What follows from what happened: one class, one sentence; an event in, commands out, the same
 * each time.
 */
@NullMarked
package io.agentflow.application.reaction;

import org.jspecify.annotations.NullMarked;

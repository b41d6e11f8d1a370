/** Schedules: the shell around their decider, their times, and their commands over HTTP. */
@NullMarked
package io.agentflow.application.schedule;

import org.jspecify.annotations.NullMarked;

/** Times and ids of schedules. */
@NullMarked
package io.agentflow.application.schedule;

import org.jspecify.annotations.NullMarked;

/** Schedules, decided and evolved. */
@NullMarked
package io.agentflow.domain.schedule;

import org.jspecify.annotations.NullMarked;

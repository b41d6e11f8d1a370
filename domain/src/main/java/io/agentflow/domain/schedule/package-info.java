/** Work that begins by itself: when, how often at once, and what is started each time. */
@NullMarked
package io.agentflow.domain.schedule;

import org.jspecify.annotations.NullMarked;

/** Open work: who gets which step, and what is due. */
@NullMarked
package io.agentflow.application.work;

import org.jspecify.annotations.NullMarked;

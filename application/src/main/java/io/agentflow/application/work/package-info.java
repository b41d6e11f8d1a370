/**
 * Work that is open: steps that wait for workers, leases, timers. Derived from the log, held in
 * memory, lost without harm.
 */
@NullMarked
package io.agentflow.application.work;

import org.jspecify.annotations.NullMarked;

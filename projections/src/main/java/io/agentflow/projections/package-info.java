/** What people and programs ask for: one class per table, each derived from the log alone. */
@NullMarked
package io.agentflow.projections;

import org.jspecify.annotations.NullMarked;

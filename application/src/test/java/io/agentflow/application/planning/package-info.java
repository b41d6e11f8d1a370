/** Plans as they are written: their definition, its schema, and the samples. */
@NullMarked
package io.agentflow.application.planning;

import org.jspecify.annotations.NullMarked;

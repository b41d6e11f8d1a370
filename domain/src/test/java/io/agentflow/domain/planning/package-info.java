/** What makes a plan admissible, judged by itself. */
@NullMarked
package io.agentflow.domain.planning;

import org.jspecify.annotations.NullMarked;

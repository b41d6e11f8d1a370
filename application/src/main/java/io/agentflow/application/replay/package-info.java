/** A workflow's history, published again. */
@NullMarked
package io.agentflow.application.replay;

import org.jspecify.annotations.NullMarked;

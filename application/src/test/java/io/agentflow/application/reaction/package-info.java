/** What follows from what happened. */
@NullMarked
package io.agentflow.application.reaction;

import org.jspecify.annotations.NullMarked;

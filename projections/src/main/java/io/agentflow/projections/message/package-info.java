/** The table of messages: what fills it, what a row is, what answers from it and finds in it. */
@NullMarked
package io.agentflow.projections.message;

import org.jspecify.annotations.NullMarked;

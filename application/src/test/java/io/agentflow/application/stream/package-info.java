/** What readers of the log are told, and what not. */
@NullMarked
package io.agentflow.application.stream;

import org.jspecify.annotations.NullMarked;

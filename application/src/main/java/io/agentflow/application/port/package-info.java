/** What the application needs from outside, named by role. */
@NullMarked
package io.agentflow.application.port;

import org.jspecify.annotations.NullMarked;

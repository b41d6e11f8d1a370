@NullMarked
package io.agentflow.application.replay;

import org.jspecify.annotations.NullMarked;
